package io.tidemark.replica;

import io.tidemark.vm.RecoveryPoint;

/** What became of the wish to pin a recovery point. */
public sealed interface PinOutcome {

    /**
     * It stays, and is durably said to.
     *
     * @param keptBytes what of the journal has come behind it, about
     */
    record Pinned(Pin pin, RecoveryPoint point, long keptBytes) implements PinOutcome {}

    /** There is no such consistent point. */
    record NoSuchPoint() implements PinOutcome {}

    /** The reason is for people. */
    record Refused(String reason) implements PinOutcome {}
}
