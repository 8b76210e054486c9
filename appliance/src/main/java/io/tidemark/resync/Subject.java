package io.tidemark.resync;

import io.tidemark.journal.Epoch;
import io.tidemark.journal.StreamId;
import io.tidemark.volume.Volume;
import java.util.function.BooleanSupplier;
import java.util.function.Supplier;

/**
 * A stream that is copied to the replica.
 *
 * @param volume what is below the journal
 * @param mayRead whether there is something yet that should be copied
 * @param epoch the one that is open when a copy is appended
 * @param complete records that the copy is complete; false when there is no room for that
 */
public record Subject(
        StreamId stream, Volume volume, BooleanSupplier mayRead, Supplier<Epoch> epoch, BooleanSupplier complete) {}
