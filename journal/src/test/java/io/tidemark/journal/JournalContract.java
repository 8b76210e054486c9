package io.tidemark.journal;

import static io.tidemark.journal.Entries.flush;
import static io.tidemark.journal.Entries.stream;
import static io.tidemark.journal.Entries.write;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.nio.ByteBuffer;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.Random;
import java.util.concurrent.atomic.AtomicBoolean;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/** What every journal keeps to, the one on disk and the one in memory. */
public abstract class JournalContract {

    protected static final StreamId A = stream(0);
    private static final StreamId B = stream(1);

    protected final PumpedOwner owner = new PumpedOwner();
    protected Journal journal;

    /** Opens the journal of this test, again if it was open before. */
    protected abstract Journal open() throws Exception;

    /** What a kill of the process leaves: nothing is closed. */
    protected abstract void kill() throws Exception;

    @BeforeEach
    protected void openFirst() throws Exception {
        journal = open();
    }

    @AfterEach
    protected void closeLast() {
        journal.close();
    }

    @Test
    void sequencesAreContiguousFromOneOn() {
        // When
        Sequence first = append(write(A, 0, 512, 1));
        Sequence second = append(flush(A));

        // Then: the record of the opening is before them
        assertThat(first).isEqualTo(new Sequence(2));
        assertThat(second).isEqualTo(new Sequence(3));
        assertThat(journal.appended()).isEqualTo(second);
    }

    @Test
    void whatIsWaitedForIsDurable() {
        Sequence last = append(write(A, 0, 4096, 1));
        AtomicBoolean done = new AtomicBoolean();

        // When
        journal.whenDurable(last, () -> done.set(true));

        // Then
        owner.until(done::get);
        assertThat(journal.durable()).isGreaterThanOrEqualTo(last);
    }

    @Test
    void nobodyNeedsToAskForDurability() {
        // When
        Sequence last = append(write(A, 0, 4096, 1));

        // Then
        owner.until(() -> !journal.durable().isBefore(last));
    }

    @Test
    void durableListenersHearOfEachAdvance() {
        List<Sequence> heard = new ArrayList<>();
        journal.onDurable(heard::add);

        // When
        Sequence last = appendDurably(write(A, 0, 4096, 1));

        // Then
        owner.until(() -> !heard.isEmpty() && !heard.getLast().isBefore(last));
        assertThat(heard).isSorted();
    }

    @Test
    void cursorDeliversWhatWasAppendedAndNothingElse() {
        Entry.Write write = write(A, 8192, 4096, 7);
        append(write);
        append(new Entry.Zero(A, new Epoch(3), new Extent(0, 1L << 40), true));
        append(new Entry.Trim(B, new Epoch(4), new Extent(512, 512)));
        append(new Entry.Gap(B, new Sequence(1), "connection lost – ganz plötzlich"));
        append(new Entry.CopyBegin(A, new Epoch(5), Side.SHIP));
        append(new Entry.CopyEnd(A, new Epoch(5), Side.INTAKE));
        append(new Entry.VmDefined(new VmId(A.id()), ByteBuffer.wrap(new byte[] {1, 2, 3})));
        appendDurably(new Entry.Cut());

        // When
        List<JournalRecord> records = readAll(Sequence.NONE);

        // Then
        assertThat(records).hasSize(9);
        assertThat(records.getFirst().entry()).isInstanceOf(Entry.Opened.class);
        assertThat(records.stream().map(JournalRecord::entry).skip(1))
                .containsExactly(
                        write,
                        new Entry.Zero(A, new Epoch(3), new Extent(0, 1L << 40), true),
                        new Entry.Trim(B, new Epoch(4), new Extent(512, 512)),
                        new Entry.Gap(B, new Sequence(1), "connection lost – ganz plötzlich"),
                        new Entry.CopyBegin(A, new Epoch(5), Side.SHIP),
                        new Entry.CopyEnd(A, new Epoch(5), Side.INTAKE),
                        new Entry.VmDefined(new VmId(A.id()), ByteBuffer.wrap(new byte[] {1, 2, 3})),
                        new Entry.Cut());
    }

    @Test
    void cursorStartsAnywhereAndStopsAtWhatIsDurable() {
        for (int i = 0; i < 20; i++) {
            append(write(A, i * 512L, 512, i));
        }
        Sequence durable = appendDurably(flush(A));
        Cursor cursor = journal.cursor(new Sequence(11));

        // When
        List<Batch> batches = new ArrayList<>();
        for (Optional<Batch> batch = cursor.next(2000); batch.isPresent(); batch = cursor.next(2000)) {
            batches.add(batch.get());
        }

        // Then
        assertThat(batches.getFirst().first()).isEqualTo(new Sequence(12));
        assertThat(batches).allSatisfy(batch -> assertThat(batch.bytes()).isLessThanOrEqualTo(2000));
        assertThat(cursor.position()).isEqualTo(durable);
        batches.forEach(batch -> batch.lease().close());
        cursor.close();
    }

    @Test
    void latestViewShowsTheNewestOfEachByte() {
        Random random = new Random(5);
        DiskModel model = new DiskModel(1 << 16);
        View view = journal.latest();

        for (int i = 0; i < 300; i++) {
            // When
            Entry.Data change = Entries.change(random, A, 1 << 16);
            model.apply(change);
            append(change);
            append(Entries.change(random, B, 1 << 16));

            // Then
            assertThat(new DiskModel(1 << 16).overlaidBy(view, A, Sequence.NONE))
                    .isEqualTo(model.bytes());
        }
    }

    @Test
    void aViewAtASequenceNeverChanges() {
        Random random = new Random(6);
        DiskModel model = new DiskModel(1 << 16);
        List<Sequence> points = new ArrayList<>();
        List<byte[]> expected = new ArrayList<>();
        List<View> views = new ArrayList<>();
        for (int i = 0; i < 50; i++) {
            Entry.Data change = Entries.change(random, A, 1 << 16);
            model.apply(change);
            points.add(append(change));
            expected.add(model.bytes().clone());
        }
        owner.until(() -> !journal.durable().isBefore(points.getLast()));

        // When
        points.forEach(point -> views.add(journal.at(point)));
        append(write(A, 0, 1 << 16, 99));

        // Then
        for (int i = 0; i < points.size(); i++) {
            assertThat(new DiskModel(1 << 16).overlaidBy(views.get(i), A, Sequence.NONE))
                    .isEqualTo(expected.get(i));
        }
    }

    @Test
    void marksAreTheControlRecordsOfTheInterval() {
        append(write(A, 0, 512, 1));
        Sequence from = append(flush(A));
        append(write(A, 0, 512, 2));
        Sequence cut = append(new Entry.Cut());
        Sequence gap = append(new Entry.Gap(A, from, "lost"));
        Sequence behind = appendDurably(flush(B));

        // When
        List<Mark> marks = new ArrayList<>();
        journal.marks(from, gap, marks::add);

        // Then
        assertThat(marks).extracting(Mark::sequence).containsExactly(cut, gap);
        assertThat(marks).extracting(Mark::entry).containsExactly(new Entry.Cut(), new Entry.Gap(A, from, "lost"));
        assertThat(behind).isEqualTo(gap.next());
    }

    @Test
    void onlyTheOwnerAppends() throws Exception {
        List<Throwable> thrown = new ArrayList<>();
        Thread other = new Thread(() -> {
            try {
                journal.append(flush(A));
            } catch (Fault e) {
                thrown.add(e);
            }
        });

        // When
        other.start();
        other.join();

        // Then
        assertThat(thrown).hasSize(1);
    }

    @Test
    void aKillKeepsWhatWasDurable() throws Exception {
        Entry.Write write = write(A, 4096, 4096, 3);
        append(write);
        Sequence durable = appendDurably(new Entry.Flush(A, new Epoch(8)));

        // When
        kill();
        journal = open();

        // Then
        assertThat(journal.durable()).isGreaterThanOrEqualTo(durable);
        assertThat(journal.tails()).containsEntry(A, new Tail(new Epoch(8), durable));
        assertThat(readAll(Sequence.NONE).get(1).entry()).isEqualTo(write);
        append(flush(B));
        assertThat(journal.lives()).hasSize(2);
    }

    @Test
    void holdsKeepRecordsAndNeverMoveBack() {
        Sequence last = appendDurably(write(A, 0, 512, 1));
        Hold hold = journal.hold("reader", last);

        // When, Then
        assertThat(journal.holds()).extracting(Hold::name).containsExactly("reader");
        assertThatThrownBy(() -> hold.advance(last.previous())).isInstanceOf(Fault.class);
        hold.close();
        assertThat(journal.holds()).isEmpty();
    }

    protected final Sequence append(Entry entry) {
        AppendOutcome[] outcome = {journal.append(entry)};
        while (outcome[0] instanceof AppendOutcome.NotReady) {
            AtomicBoolean room = new AtomicBoolean();
            journal.whenRoom(() -> room.set(true));
            owner.until(room::get);
            outcome[0] = journal.append(entry);
        }
        assertThat(outcome[0]).isInstanceOf(AppendOutcome.Appended.class);
        return ((AppendOutcome.Appended) outcome[0]).sequence();
    }

    protected final Sequence appendDurably(Entry entry) {
        Sequence sequence = append(entry);
        AtomicBoolean done = new AtomicBoolean();
        journal.whenDurable(sequence, () -> done.set(true));
        owner.until(done::get);
        return sequence;
    }

    protected final List<JournalRecord> readAll(Sequence after) {
        List<JournalRecord> records = new ArrayList<>();
        try (Cursor cursor = journal.cursor(after)) {
            for (Optional<Batch> batch = cursor.next(1 << 20); batch.isPresent(); batch = cursor.next(1 << 20)) {
                batch.get().records().forEach(record -> records.add(copy(record)));
                batch.get().lease().close();
            }
        }
        return records;
    }

    private static JournalRecord copy(JournalRecord record) {
        return record.entry() instanceof Entry.Write write
                ? new JournalRecord(
                        record.sequence(),
                        record.timeNanos(),
                        new Entry.Write(
                                write.stream(),
                                write.epoch(),
                                write.offset(),
                                ByteBuffer.allocate(write.payload().remaining())
                                        .put(write.payload().duplicate())
                                        .flip()))
                : record;
    }
}
