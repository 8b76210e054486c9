package io.tidemark.link;

import io.tidemark.journal.JournalId;
import io.tidemark.journal.Sequence;

/**
 * A history that a source ships to a replica. A source whose history the replica does not share begins a new one.
 *
 * @param id the journal, as the replica knows it
 * @param origin the sequence before its first record
 */
public record Lineage(JournalId id, Sequence origin) {

    /** The one that begins with the first record of its journal. */
    public static Lineage whole(JournalId journal) {
        return new Lineage(journal, Sequence.NONE);
    }

    @Override
    public String toString() {
        return id + (origin.equals(Sequence.NONE) ? "" : " behind record " + origin);
    }
}
