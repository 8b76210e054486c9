package io.tidemark.replica;

import io.tidemark.journal.JournalId;
import io.tidemark.vm.RecoveryPoint;

/** A recovery point in use: it can be read until the hold is closed. */
public record HeldPoint(JournalId journal, RecoveryPoint point, FloorHold hold, PointView content) {}
