package io.tidemark.journal.log;

import io.tidemark.journal.Incarnation;
import io.tidemark.journal.JournalId;
import io.tidemark.journal.Sequence;
import java.util.UUID;

/**
 * Who opens which journal.
 *
 * @param incarnation a random number, new for each opening
 * @param boot the kernel's boot id
 * @param origin the sequence before the first record, which is to be while there is none
 */
public record JournalIdentity(JournalId id, Kind kind, Incarnation incarnation, UUID boot, Sequence origin) {

    /** A journal that begins with record 1. */
    public JournalIdentity(JournalId id, Kind kind, Incarnation incarnation, UUID boot) {
        this(id, kind, incarnation, boot, Sequence.NONE);
    }

    /** Whose sequences the journal carries. */
    public enum Kind {
        /** It gives the sequences, and marks its lives with {@code opened} and {@code closed}. */
        SOURCE,
        /** It keeps those of the source, and takes ranges only. */
        REPLICA
    }
}
