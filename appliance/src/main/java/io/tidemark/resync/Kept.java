package io.tidemark.resync;

import io.tidemark.journal.Sequence;
import java.util.Optional;

/**
 * What a life has written down of the blocks that the replica lacks of a stream.
 *
 * @param trackedBehind if changes were left out whatever they touched: the record up to which the blocks are complete. What was changed behind it is
 *     lacking, too, and the journal has it
 */
public record Kept(DirtyBlocks dirty, Optional<Sequence> trackedBehind) {

    /** Blocks that are complete by themselves. */
    public static Kept whole(DirtyBlocks dirty) {
        return new Kept(dirty, Optional.empty());
    }
}
