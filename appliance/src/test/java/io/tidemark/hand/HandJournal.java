package io.tidemark.hand;

import io.tidemark.journal.AppendOutcome;
import io.tidemark.journal.Entry;
import io.tidemark.journal.Incarnation;
import io.tidemark.journal.Journal;
import io.tidemark.journal.JournalId;
import io.tidemark.journal.JournalRecord;
import io.tidemark.journal.Sequence;
import io.tidemark.journal.chronicle.ChronicleSegments;
import io.tidemark.journal.log.JournalIdentity;
import io.tidemark.journal.log.JournalSettings;
import io.tidemark.journal.log.JournalThreads;
import io.tidemark.journal.log.JournalUnusable;
import io.tidemark.journal.log.SegmentedJournal;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.file.Path;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.UUID;

/** A real journal of a source whose owner, forcer and keeper are moved by the test: nothing is durable before {@link #force}. */
public final class HandJournal implements AutoCloseable {

    private static final JournalSettings SMALL =
            new JournalSettings(1 << 20, 1, 1L << 30, 0, 1 << 14, Duration.ofDays(1));

    public final HandThread owner;
    public final HandThread forcer = new HandThread();
    public final HandThread keeper = new HandThread().inline();
    public final SegmentedJournal journal;

    /** What the clock on the wall says. */
    public Instant wall = Instant.parse("2026-01-01T00:00:00Z");

    private HandJournal(Path folder, HandThread owner, long life) throws IOException, JournalUnusable {
        this.owner = owner;
        this.journal = SegmentedJournal.open(
                folder,
                new JournalIdentity(
                        new JournalId(new UUID(1, 2)),
                        JournalIdentity.Kind.SOURCE,
                        new Incarnation(life),
                        new UUID(3, 4)),
                SMALL,
                new JournalThreads(owner, forcer, keeper),
                new ChronicleSegments(),
                () -> wall);
    }

    /** Opens the journal in the folder, or makes it. */
    public static HandJournal open(Path folder, HandThread owner, long life) {
        try {
            return new HandJournal(folder, owner, life);
        } catch (IOException | JournalUnusable e) {
            throw new AssertionError(e);
        }
    }

    public Sequence append(Entry entry) {
        AppendOutcome outcome = journal.append(entry);
        if (outcome instanceof AppendOutcome.Appended appended) {
            return appended.sequence();
        }
        throw new AssertionError("no room: " + outcome);
    }

    /** Makes durable what was appended so far, and serves those who wait for it. */
    public void force() {
        forcer.pass(Duration.ofDays(1));
        owner.run();
    }

    /** All records, forced before they are read; payloads are copies. */
    public List<JournalRecord> records() {
        force();
        return records(journal);
    }

    /** The durable records of a journal; payloads are copies. */
    public static List<JournalRecord> records(Journal journal) {
        List<JournalRecord> records = new ArrayList<>();
        try (var cursor = journal.cursor(journal.trimmed())) {
            for (var batch = cursor.next(1 << 20); batch.isPresent(); batch = cursor.next(1 << 20)) {
                batch.get().records().forEach(record -> records.add(copy(record)));
                batch.get().lease().close();
            }
        }
        return records;
    }

    @Override
    public void close() {
        forcer.inline();
        journal.close(true);
    }

    private static JournalRecord copy(JournalRecord record) {
        return record.entry() instanceof Entry.Write write
                ? new JournalRecord(
                        record.sequence(),
                        record.timeNanos(),
                        new Entry.Write(
                                write.stream(), write.epoch(), write.offset(), copy(write.payload()), write.shipping()))
                : record;
    }

    private static ByteBuffer copy(ByteBuffer bytes) {
        return ByteBuffer.allocate(bytes.remaining()).put(bytes.duplicate()).flip();
    }
}
