package io.tidemark.nbd.transmission;

import io.tidemark.nbd.ExportName;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.ConcurrentMap;

/**
 * Divides the time of the event loops between exports: in one round of a loop the connections of an export are read as much,
 * together, as those of any other.
 *
 * <p>Thread: any.
 */
public final class Turns {

    /** Bytes that the connections of one export are read in one round. */
    static final int BYTES_MAX = 256 << 10;

    private final ConcurrentMap<ExportName, Integer> connections = new ConcurrentHashMap<>();

    /** One more connection shares the turn of this export. */
    public Turn of(ExportName export) {
        connections.merge(export, 1, Integer::sum);
        return new Turn(export);
    }

    /** One connection's part. */
    public final class Turn {

        private final ExportName export;

        private Turn(ExportName export) {
            this.export = export;
        }

        /** After how many bytes it is another's turn. What one read brings is taken in any case. */
        int bytesMax() {
            return BYTES_MAX / connections.getOrDefault(export, 1);
        }

        /** The connection is gone. Once. */
        void end() {
            connections.computeIfPresent(export, (name, count) -> count == 1 ? null : count - 1);
        }
    }
}
