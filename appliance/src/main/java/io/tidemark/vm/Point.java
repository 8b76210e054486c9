package io.tidemark.vm;

import io.tidemark.journal.Sequence;
import java.time.Instant;

/**
 * A sequence at which the disks of one VM, or of all VMs of a group, can be brought back as of that one sequence (I12).
 *
 * @param <P> which of the two
 */
public sealed interface Point<P extends Point<P>> permits RecoveryPoint, GroupPoint {

    Sequence sequence();

    /** When its record was appended at the source: a label. */
    Instant time();

    RecoveryPoint.Kind kind();

    Standing standing();

    default boolean consistent() {
        return standing() instanceof Standing.Consistent;
    }

    /** The same, not to be offered any more. */
    P withdrawn(String reason);
}
