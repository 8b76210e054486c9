package io.tidemark.replica;

import io.tidemark.journal.Batch;
import io.tidemark.journal.Cursor;
import io.tidemark.journal.Entry;
import io.tidemark.journal.Extent;
import io.tidemark.journal.Fault;
import io.tidemark.journal.Journal;
import io.tidemark.journal.JournalRecord;
import io.tidemark.journal.Sequence;
import io.tidemark.journal.StreamId;
import java.io.IOException;
import java.util.Optional;
import java.util.function.BiConsumer;

/** The records of a replica's journal, one by one. Threads that may wait for the disk. */
public final class Passage {

    private static final int BATCH_BYTES = 4 << 20;

    private final Journal journal;

    Passage(Journal journal) {
        this.journal = journal;
    }

    /** Visits each change of a disk by a record in {@code (after, upTo]}, which are durable. */
    public void changes(Sequence after, Sequence upTo, BiConsumer<StreamId, Extent> visitor) throws IOException {
        if (after.isBefore(journal.trimmed())) {
            throw new IOException(
                    "records up to " + journal.trimmed() + " are gone, and those behind " + after + " count");
        }
        try (Cursor cursor = journal.cursor(after)) {
            while (cursor.position().isBefore(upTo)) {
                Optional<Batch> batch = cursor.next(BATCH_BYTES);
                if (batch.isEmpty()) {
                    throw new IOException("record " + upTo + " is not here");
                }
                try {
                    batch.get().records().forEach(record -> visit(record, upTo, visitor));
                } finally {
                    batch.get().lease().close();
                }
            }
        } catch (Fault unreadable) {
            throw new IOException(
                    "records behind " + after + " cannot be read: " + unreadable.getMessage(), unreadable);
        }
    }

    private static void visit(JournalRecord record, Sequence upTo, BiConsumer<StreamId, Extent> visitor) {
        if (record.entry() instanceof Entry.Data data && !record.sequence().isAfter(upTo)) {
            visitor.accept(data.stream(), data.extent());
        }
    }
}
