package io.tidemark.journal.log;

import static org.assertj.core.api.Assertions.assertThat;

import io.tidemark.journal.AppendOutcome;
import io.tidemark.journal.Batch;
import io.tidemark.journal.Cursor;
import io.tidemark.journal.Entry;
import io.tidemark.journal.Incarnation;
import io.tidemark.journal.InvalidRange;
import io.tidemark.journal.JournalId;
import io.tidemark.journal.JournalRecord;
import io.tidemark.journal.PumpedOwner;
import io.tidemark.journal.PumpedThread;
import io.tidemark.journal.Range;
import io.tidemark.journal.Sequence;
import io.tidemark.journal.chronicle.ChronicleSegments;
import io.tidemark.journal.format.BadRecord;
import io.tidemark.journal.format.RecordDecoder;
import io.tidemark.journal.segment.SegmentWriter;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.file.Path;
import java.time.Duration;
import java.time.InstantSource;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.UUID;

/** A journal on disk whose three threads are the test's own: nothing happens unless the test lets it. */
public final class TestJournal {

    public static final JournalSettings SMALL =
            new JournalSettings(1 << 20, 2, 64 << 20, 0, 1 << 14, Duration.ofMillis(50));
    public static final JournalId ID = new JournalId(new UUID(1, 2));

    static final UUID BOOT = new UUID(3, 4);

    private static long lives;

    public final PumpedOwner owner = new PumpedOwner();
    public final PumpedThread forcer = new PumpedThread();
    public final PumpedThread keeper = new PumpedThread();
    public final SegmentedJournal journal;

    private TestJournal(Path folder, JournalIdentity.Kind kind, JournalSettings settings, SegmentWriter.Factory factory)
            throws IOException, JournalUnusable {
        journal = SegmentedJournal.open(
                folder,
                new JournalIdentity(ID, kind, new Incarnation(++lives), BOOT),
                settings,
                new JournalThreads(owner, forcer, keeper),
                factory,
                InstantSource.system());
    }

    public static TestJournal open(Path folder) throws IOException, JournalUnusable {
        return open(folder, SMALL, new ChronicleSegments());
    }

    static TestJournal open(Path folder, JournalSettings settings, SegmentWriter.Factory factory)
            throws IOException, JournalUnusable {
        return new TestJournal(folder, JournalIdentity.Kind.SOURCE, settings, factory);
    }

    static TestJournal open(
            Path folder, JournalIdentity.Kind kind, JournalSettings settings, SegmentWriter.Factory factory)
            throws IOException, JournalUnusable {
        return new TestJournal(folder, kind, settings, factory);
    }

    public static TestJournal openReplica(Path folder) throws IOException, JournalUnusable {
        return new TestJournal(folder, JournalIdentity.Kind.REPLICA, SMALL, new ChronicleSegments());
    }

    /** Appends; segments are prepared when they are needed. */
    public Sequence append(Entry entry) {
        AppendOutcome outcome = journal.append(entry);
        if (outcome instanceof AppendOutcome.NotReady) {
            keeper.run();
            owner.runWaiting();
            outcome = journal.append(entry);
        }
        assertThat(outcome).isInstanceOf(AppendOutcome.Appended.class);
        return ((AppendOutcome.Appended) outcome).sequence();
    }

    /** Appends a range to a replica's journal, in the same way. */
    public Sequence append(Range range) throws InvalidRange {
        AppendOutcome outcome = journal.appendRange(range);
        if (outcome instanceof AppendOutcome.NotReady) {
            keeper.run();
            owner.runWaiting();
            outcome = journal.appendRange(range);
        }
        assertThat(outcome).isInstanceOf(AppendOutcome.Appended.class);
        return ((AppendOutcome.Appended) outcome).sequence();
    }

    /** Forces what was appended, and reports it. */
    public Sequence force() {
        forcer.tick();
        owner.runWaiting();
        return journal.durable();
    }

    /** All durable records behind {@code after}, in buffers of their own. */
    public List<JournalRecord> read(Sequence after) {
        List<JournalRecord> records = new ArrayList<>();
        try (Cursor cursor = journal.cursor(after)) {
            for (Optional<Batch> batch = cursor.next(1 << 20); batch.isPresent(); batch = cursor.next(1 << 20)) {
                batch.get().images().forEach(image -> records.add(copy(image)));
                batch.get().lease().close();
            }
        }
        return records;
    }

    public List<JournalRecord> read() {
        return read(journal.trimmed());
    }

    public void close() {
        close(true);
    }

    void close(boolean clean) {
        forcer.runAtOnce();
        keeper.runAtOnce();
        journal.close(clean);
    }

    /** Lets go of a journal that was only read: no segment is prepared for it. */
    public void leave() {
        keeper.forget();
        close(false);
    }

    private static JournalRecord copy(ByteBuffer image) {
        try {
            return new RecordDecoder()
                    .decodeWhole(ByteBuffer.allocate(image.remaining())
                            .put(image.duplicate())
                            .flip());
        } catch (BadRecord e) {
            throw new AssertionError(e);
        }
    }
}
