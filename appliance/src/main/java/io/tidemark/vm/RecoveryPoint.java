package io.tidemark.vm;

import io.tidemark.journal.Sequence;
import java.time.Instant;

/**
 * A sequence at which the disks of a VM can be brought back, all of them as of that one sequence (I12).
 *
 * @param time when its record was appended at the source: a label
 * @param vm as it was then
 */
public record RecoveryPoint(Sequence sequence, Instant time, Kind kind, Vm vm, Standing standing)
        implements Point<RecoveryPoint> {

    /** What ended the epoch there. */
    public enum Kind {
        /** The guest flushed. */
        FLUSH("flush"),
        /** The appliance cut, by its timer. */
        CUT("cut"),
        /** A copy was complete. */
        COPY_END("copy-end");

        private final String label;

        Kind(String label) {
            this.label = label;
        }

        /** Its name in REST. */
        public String label() {
            return label;
        }
    }

    /** The same point, for other clients. */
    public RecoveryPoint of(Clients clients) {
        return new RecoveryPoint(sequence, time, kind, vm.of(clients), standing);
    }

    @Override
    public RecoveryPoint withdrawn(String reason) {
        return new RecoveryPoint(sequence, time, kind, vm, new Standing.Inconsistent(reason));
    }
}
