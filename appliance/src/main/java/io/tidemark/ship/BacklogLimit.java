package io.tidemark.ship;

import io.tidemark.journal.Journal;
import io.tidemark.journal.Sequence;

/**
 * When what the peer has not acknowledged has to make room: before clients are slowed, and only if that makes room. Decisions only.
 *
 * @param fullFrom the part of the journal's room in use from which on that is so, 0 to 1; 1 is never
 */
public record BacklogLimit(double fullFrom) {

    /** The part of the records that has to go with the backlog: giving up less than that would come again at once. */
    private static final double WORTH_IT = 0.5;

    public BacklogLimit {
        if (fullFrom <= 0 || fullFrom > 1) {
            throw new IllegalArgumentException("a limit of the backlog of " + fullFrom);
        }
    }

    /** Whether anything is ever given up. */
    public boolean gives() {
        return fullFrom < 1;
    }

    /** Whether the journal is so full that something has to go. */
    public boolean isTight(Journal journal) {
        return gives() && journal.usage().fullness() >= fullFrom;
    }

    /**
     * Whether the records behind {@code held}, which are kept for the peer, are what the journal is full of. Reads indexes.
     *
     * @param applied the volumes have everything up to here: what is behind it stays in any case
     */
    public boolean isWorthIt(Journal journal, Sequence held, Sequence applied) {
        Sequence after = Sequence.later(held, journal.trimmed());
        if (!applied.isAfter(after)) {
            return false;
        }
        long[] bytes = {0};
        journal.parts(after, applied, (last, part) -> bytes[0] += part);
        return bytes[0] > WORTH_IT * journal.usage().heldBytes();
    }
}
