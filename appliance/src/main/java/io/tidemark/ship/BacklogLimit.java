package io.tidemark.ship;

import io.tidemark.journal.Journal;
import io.tidemark.journal.Sequence;
import io.tidemark.journal.Usage;

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

    /**
     * Whether the records behind {@code held}, which are kept for the peer, are to be given up. Reads indexes.
     *
     * @param applied the volumes have everything up to here
     */
    public boolean isMet(Journal journal, Sequence held, Sequence applied) {
        Usage usage = journal.usage();
        double total = usage.usedBytes() + (double) usage.roomBytes();
        if (fullFrom == 1 || usage.usedBytes() < fullFrom * total) {
            return false;
        }
        Sequence after = Sequence.later(held, journal.trimmed());
        if (!applied.isAfter(after)) {
            return false;
        }
        long[] bytes = {0};
        journal.parts(after, applied, (last, part) -> bytes[0] += part);
        return bytes[0] > WORTH_IT * usage.heldBytes();
    }
}
