package io.tidemark.journal.log;

import io.tidemark.journal.Incarnation;
import io.tidemark.journal.JournalId;
import java.util.UUID;

/**
 * Who opens which journal.
 *
 * @param incarnation a random number, new for each opening
 * @param boot the kernel's boot id
 */
public record JournalIdentity(JournalId id, Kind kind, Incarnation incarnation, UUID boot) {

    /** Whose sequences the journal carries. */
    public enum Kind {
        /** It gives the sequences, and marks its lives with {@code opened} and {@code closed}. */
        SOURCE,
        /** It keeps those of the source, and takes ranges only. */
        REPLICA
    }
}
