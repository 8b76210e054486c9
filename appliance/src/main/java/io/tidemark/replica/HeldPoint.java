package io.tidemark.replica;

import io.tidemark.journal.JournalId;
import io.tidemark.journal.Sequence;
import io.tidemark.journal.View;
import io.tidemark.vm.RecoveryPoint;
import io.tidemark.volume.Volumes;
import java.util.function.Supplier;

/**
 * A recovery point in use: it can be read until the hold is closed.
 *
 * @param view the journal up to the point; any thread
 * @param volumes what is below it
 * @param applied records up to here can be read from the volumes
 */
public record HeldPoint(
        JournalId journal,
        RecoveryPoint point,
        FloorHold hold,
        View view,
        Volumes volumes,
        Supplier<Sequence> applied) {}
