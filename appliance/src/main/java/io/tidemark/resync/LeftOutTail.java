package io.tidemark.resync;

import io.tidemark.journal.Sequence;

/**
 * The records at the journal's end that are left out of what is shipped: the replica hears of them with the next one that is not, which may be long in
 * coming. The owner's.
 */
final class LeftOutTail {

    private Sequence first = Sequence.NONE;
    private Sequence last = Sequence.NONE;

    /** A record was appended that is left out. */
    void add(Sequence at) {
        if (!at.follows(last)) {
            first = at;
        }
        last = at;
    }

    /** The newest record that is shipped, of those up to the last that was appended. */
    Sequence shipped(Sequence appended) {
        return appended.equals(last) && appended.isAfter(Sequence.NONE) ? first.previous() : appended;
    }
}
