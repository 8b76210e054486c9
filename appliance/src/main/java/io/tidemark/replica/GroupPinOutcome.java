package io.tidemark.replica;

import io.tidemark.vm.GroupPoint;
import io.tidemark.vm.Name;

/** What became of the wish to pin a recovery point of a group. */
public sealed interface GroupPinOutcome {

    /**
     * It stays, for all of its VMs, and is durably said to.
     *
     * @param since when it was given the name: a label
     * @param keptBytes what of the journal has come behind it, about
     */
    record Pinned(Name name, String since, GroupPoint point, long keptBytes) implements GroupPinOutcome {}

    /** There is no such consistent point. */
    record NoSuchPoint() implements GroupPinOutcome {}

    /** The reason is for people. */
    record Refused(String reason) implements GroupPinOutcome {}
}
