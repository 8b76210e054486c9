package io.tidemark.intake;

import io.tidemark.journal.Sequence;

/** What became of something an operator asked for. */
public sealed interface Registration {

    /** It is so, durably, since this record. */
    record Done(Sequence at) implements Registration {}

    /** It was so already. */
    record Unchanged() implements Registration {}

    /** It cannot be so now; the reason is for people. Nothing has changed. */
    record Refused(String reason) implements Registration {}

    /** There is no such VM or disk here. */
    record Unknown() implements Registration {}
}
