package io.tidemark.term;

import io.tidemark.journal.JournalId;
import io.tidemark.journal.Sequence;
import io.tidemark.journal.StreamId;
import java.util.UUID;

/**
 * By what two sites find out whether they have the same history of a VM up to a record.
 *
 * @param disk the first disk of the VM, as its source of the term has defined it: tells one time that the VM came from another
 * @param journal the id under which the record is shipped
 * @param checksum of the record, as in its header
 */
public record Common(StreamId disk, JournalId journal, Sequence last, int checksum) {

    private static final UUID NOTHING = new UUID(0, 0);
    private static final StreamId NO_DISK = new StreamId(NOTHING);
    private static final JournalId NO_JOURNAL = new JournalId(NOTHING);

    /** Nothing is said. */
    public static final Common NONE = at(Sequence.NONE);

    /** A record, and no more. */
    public static Common at(Sequence last) {
        return of(NO_DISK, last);
    }

    /** A record of the journal in which that disk is. */
    public static Common of(StreamId disk, Sequence last) {
        return new Common(disk, NO_JOURNAL, last, 0);
    }

    boolean hasDisk() {
        return !disk.equals(NO_DISK);
    }

    boolean hasRecord() {
        return !last.equals(Sequence.NONE);
    }

    boolean hasJournal() {
        return !journal.equals(NO_JOURNAL) || checksum != 0;
    }
}
