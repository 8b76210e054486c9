package io.tidemark.journal;

import static io.tidemark.journal.Entries.flush;
import static io.tidemark.journal.Entries.stream;
import static io.tidemark.journal.Entries.write;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.tidemark.journal.format.RecordFormat;
import io.tidemark.journal.format.Records;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
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

    /** Opens a journal of the other kind, which takes ranges. It is the one of the test from then on. */
    protected abstract Journal openReplica() throws Exception;

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
        append(new Entry.CopyEnd(A, new Epoch(5), Side.INTAKE, "Zoë: the guest was off"));
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
                        new Entry.CopyEnd(A, new Epoch(5), Side.INTAKE, "Zoë: the guest was off"),
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
    void whatWasTouchedIsAtLeastWhatWasChangedInTheInterval() {
        Sequence before = append(write(A, 0, 512, 1));
        append(write(A, 8192, 512, 2));
        append(write(B, 16384, 512, 3));
        Sequence last = append(new Entry.Trim(A, Epoch.FIRST, new Extent(65536, 4096)));
        appendDurably(write(A, 1 << 20, 512, 4));

        // When
        List<Extent> touched = new ArrayList<>();
        journal.touched(A, before, last, touched::add);

        // Then
        assertThat(touched).contains(new Extent(8192, 512), new Extent(65536, 4096));
        assertThat(touched).noneMatch(extent -> extent.offset() == 16384);
    }

    @Test
    void partsAreAsLargeAsTheirRecords() {
        Sequence before = append(write(A, 0, 512, 1));
        append(write(A, 8192, 4096, 2));
        append(new Entry.Trim(A, Epoch.FIRST, new Extent(65536, 4096)));
        append(flush(A));
        Sequence last = append(write(B, 0, 1024, 3));
        appendDurably(write(A, 1 << 20, 512, 4));
        List<Sequence> ends = new ArrayList<>();
        long[] bytes = {0};

        // When
        journal.parts(before, last, (end, size) -> {
            ends.add(end);
            bytes[0] += size;
        });

        // Then
        assertThat(ends).isSorted().endsWith(last);
        assertThat(bytes[0]).isEqualTo(4 * io.tidemark.journal.format.RecordFormat.HEADER_BYTES + 4096 + 1024);
    }

    @Test
    void aCopyIsNotTheEndOfItsStream() {
        Sequence written = append(write(A, 0, 512, 1));
        appendDurably(new Entry.Write(A, Epoch.FIRST, 4096, Entries.bytes(512, 2), Shipping.COPIED));

        assertThat(journal.tails().get(A)).isEqualTo(new Tail(Epoch.FIRST, written));
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

    /** It may be told when the source is gone already: no life takes it for proof that the source was there. */
    @Test
    void theBeginOfACopyIsNoEndOfItsStream() throws Exception {
        Sequence last = append(write(A, 0, 512, 1));
        appendDurably(new Entry.CopyBegin(B, Epoch.FIRST, Side.INTAKE));
        appendDurably(new Entry.CopyBegin(A, new Epoch(8), Side.INTAKE));
        assertThat(journal.tails())
                .containsEntry(A, new Tail(new Epoch(8), last))
                .containsEntry(B, new Tail(Epoch.FIRST, Sequence.NONE));

        // When
        kill();
        journal = open();

        // Then
        assertThat(journal.tails())
                .containsEntry(A, new Tail(new Epoch(8), last))
                .containsEntry(B, new Tail(Epoch.FIRST, Sequence.NONE));
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

    @Test
    void thePayloadIsTheCallersAgainWhenAppendReturns() {
        ByteBuffer payload = Entries.bytes(4096, 1);
        Entry.Write expected = write(A, 0, 4096, 1);

        // When
        append(new Entry.Write(A, Epoch.FIRST, 0, payload));
        for (int i = 0; i < payload.capacity(); i++) {
            payload.put(i, (byte) 0);
        }

        // Then
        appendDurably(flush(A));
        assertThat(payload.position()).isZero();
        assertThat(readAll(Sequence.NONE).get(1).entry()).isEqualTo(expected);
    }

    @Test
    void whatIsDurableAlreadyIsReportedAtOnceAndWaitersInTheirOrder() {
        Sequence first = appendDurably(flush(A));
        List<String> served = new ArrayList<>();

        journal.whenDurable(first, () -> served.add("at once"));
        assertThat(served).containsExactly("at once");

        // When
        Sequence second = append(flush(A));
        Sequence third = append(flush(A));
        journal.whenDurable(third, () -> served.add("third"));
        journal.whenDurable(second, () -> served.add("second, behind it"));
        journal.whenDurable(first, () -> served.add("first, behind both"));

        // Then
        owner.until(() -> served.size() == 4);
        assertThat(served).containsExactly("at once", "third", "second, behind it", "first, behind both");
        assertThat(journal.durable()).isLessThanOrEqualTo(journal.appended());
    }

    @Test
    void nobodyWaitsForWhatWasNotAppended() {
        Sequence ahead = append(flush(A)).next();

        assertThatThrownBy(() -> journal.whenDurable(ahead, () -> {})).isInstanceOf(Fault.class);
        assertThatThrownBy(() -> journal.at(ahead)).isInstanceOf(Fault.class);
    }

    @Test
    void aCursorNeverPassesWhatIsDurable() {
        try (Cursor cursor = journal.cursor(Sequence.NONE)) {
            for (int i = 0; i < 200; i++) {
                append(write(A, 0, 512, i));

                // When
                Optional<Batch> batch = cursor.next(1 << 20);

                // Then
                assertThat(cursor.position()).isLessThanOrEqualTo(journal.durable());
                batch.ifPresent(each -> each.lease().close());
                owner.runWaiting();
            }
        }
    }

    @Test
    void checksumsAreThoseOfTheRecords() {
        append(write(A, 0, 512, 1));
        Sequence last = appendDurably(flush(A));

        try (Cursor cursor = journal.cursor(Sequence.NONE)) {
            Batch batch = cursor.next(1 << 20).orElseThrow();
            for (int i = 0; i < batch.records().size(); i++) {
                ByteBuffer image = batch.images().get(i).duplicate().order(ByteOrder.LITTLE_ENDIAN);
                assertThat(journal.checksum(batch.records().get(i).sequence()))
                        .isEqualTo(image.getInt(image.position() + RecordFormat.CRC_AT));
            }
            assertThat(batch.last()).isEqualTo(last);
            batch.lease().close();
        }
    }

    @Test
    void aCleanCloseIsTheLastRecordAndAllIsDurable() throws Exception {
        Sequence last = append(write(A, 0, 512, 1));

        // When
        journal.close(true);
        journal = open();

        // Then
        assertThat(journal.durable()).isEqualTo(last.next());
        assertThat(readAll(last)).extracting(JournalRecord::entry).containsExactly(new Entry.Closed());
    }

    @Test
    void eachLifeBeginsWithItsOpening() throws Exception {
        append(flush(A));
        journal.close(true);
        journal = open();
        Sequence second = append(flush(A));

        assertThat(journal.lives()).extracting(Journal.Life::first).containsExactly(new Sequence(1), second.previous());
        assertThat(journal.lives().getLast().incarnation()).isEqualTo(journal.incarnation());
        appendDurably(flush(A));
        assertThat(readAll(second.previous().previous()).getFirst().entry())
                .isInstanceOf(Entry.Opened.class)
                .extracting(entry -> ((Entry.Opened) entry).incarnation())
                .isEqualTo(journal.incarnation());
    }

    @Test
    void aReplicaKeepsTheSequencesItIsGiven() throws Exception {
        replaceByReplica();
        List<JournalRecord> first = records(7, 9);
        List<JournalRecord> second = records(10, 30);

        // When: the first range of all may begin anywhere
        appendRange(range(first));
        appendRange(range(second));

        // Then
        owner.until(() -> journal.durable().equals(new Sequence(30)));
        assertThat(journal.trimmed()).isEqualTo(new Sequence(6));
        List<JournalRecord> all = new ArrayList<>(first);
        all.addAll(second);
        assertThat(readAll(new Sequence(6))).isEqualTo(all);
        assertThat(readAll(new Sequence(9))).isEqualTo(second);
    }

    @Test
    void aReplicaKeepsARangeFromWhichRecordsAreLeftOut() throws Exception {
        replaceByReplica();
        List<JournalRecord> partial = records(1, 9);
        partial.subList(3, 6).clear();
        List<JournalRecord> behind = records(10, 12);
        appendRange(range(partial));
        appendRange(range(behind));
        owner.until(() -> journal.durable().equals(new Sequence(12)));

        List<JournalRecord> all = new ArrayList<>(partial);
        all.addAll(behind);
        assertThat(journal.durable()).isEqualTo(new Sequence(12));
        assertThat(readAll(Sequence.NONE)).isEqualTo(all);
        assertThat(readAll(new Sequence(9))).isEqualTo(behind);
        assertThat(journal.checksum(new Sequence(9)))
                .isEqualTo(Records.body(partial.subList(5, 6))
                        .order(java.nio.ByteOrder.LITTLE_ENDIAN)
                        .getInt(io.tidemark.journal.format.RecordFormat.CRC_AT));
    }

    @Test
    void aReplicaKeepsARangeWithoutItsFirstRecords() throws Exception {
        replaceByReplica();
        List<JournalRecord> all = records(1, 4);
        appendRange(range(all));
        List<JournalRecord> rest = records(900, 903);

        // When
        appendRange(new Range(new Sequence(5), new Sequence(903), rest.size(), Records.body(rest)));
        owner.until(() -> journal.durable().equals(new Sequence(903)));

        // Then
        all.addAll(rest);
        assertThat(readAll(Sequence.NONE)).isEqualTo(all);
        assertThat(readAll(new Sequence(4))).isEqualTo(rest);
        assertThat(readAll(new Sequence(500))).isEqualTo(rest);
        assertThat(readAll(new Sequence(901))).isEqualTo(rest.subList(2, 4));
    }

    @Test
    void aRangeThatDoesNotFollowOrIsNotWholeChangesNothing() throws Exception {
        replaceByReplica();
        appendRange(range(records(1, 5)));
        ByteBuffer damaged = Records.body(records(6, 9));
        damaged.put(100, (byte) ~damaged.get(100));

        for (Range wrong : List.of(
                range(records(5, 9)),
                range(records(7, 9)),
                new Range(new Sequence(6), new Sequence(9), 4, damaged),
                new Range(new Sequence(6), new Sequence(10), 5, Records.body(records(6, 9))))) {
            assertThatThrownBy(() -> journal.appendRange(wrong)).isInstanceOf(InvalidRange.class);
        }

        assertThat(journal.appended()).isEqualTo(new Sequence(5));
        assertThat(journal.fault()).isEmpty();
        appendRange(range(records(6, 9)));
        assertThat(journal.appended()).isEqualTo(new Sequence(9));
    }

    private void replaceByReplica() throws Exception {
        journal.close(false);
        journal = openReplica();
    }

    private void appendRange(Range range) throws InvalidRange {
        while (!(journal.appendRange(range) instanceof AppendOutcome.Appended)) {
            AtomicBoolean room = new AtomicBoolean();
            journal.whenRoom(() -> room.set(true));
            owner.until(room::get);
        }
    }

    private static Range range(List<JournalRecord> records) {
        return new Range(
                records.getFirst().sequence(), records.getLast().sequence(), records.size(), Records.body(records));
    }

    private static List<JournalRecord> records(long first, long last) {
        Random random = new Random(first);
        List<JournalRecord> records = new ArrayList<>();
        for (long number = first; number <= last; number++) {
            records.add(new JournalRecord(new Sequence(number), number, Entries.any(random)));
        }
        return records;
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

    /** The record with bytes of its own: a payload is readable only as long as its lease. */
    private static JournalRecord copy(JournalRecord record) {
        Entry entry =
                switch (record.entry()) {
                    case Entry.Write write ->
                        new Entry.Write(
                                write.stream(), write.epoch(), write.offset(), copy(write.payload()), write.shipping());
                    case Entry.VmDefined defined -> new Entry.VmDefined(defined.vm(), copy(defined.document()));
                    case Entry other -> other;
                };
        return new JournalRecord(record.sequence(), record.timeNanos(), entry);
    }

    private static ByteBuffer copy(ByteBuffer bytes) {
        return ByteBuffer.allocate(bytes.remaining()).put(bytes.duplicate()).flip();
    }
}
