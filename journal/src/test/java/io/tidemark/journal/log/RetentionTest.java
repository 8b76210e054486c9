package io.tidemark.journal.log;

import static io.tidemark.journal.Entries.stream;
import static io.tidemark.journal.Entries.write;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.tidemark.journal.AppendOutcome;
import io.tidemark.journal.Fault;
import io.tidemark.journal.Hold;
import io.tidemark.journal.JournalRecord;
import io.tidemark.journal.Sequence;
import io.tidemark.journal.chronicle.ChronicleSegments;
import io.tidemark.journal.segment.SegmentFolder;
import java.io.IOException;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Segments go when every reader is past them, not before; the limits are kept. */
class RetentionTest {

    private static final long SEGMENT_ON_DISK = new ChronicleSegments().bytesOnDisk(1 << 20);
    private static final JournalSettings FIVE_SEGMENTS =
            new JournalSettings(1 << 20, 2, 5 * SEGMENT_ON_DISK + (1 << 18), 0, 1 << 14, Duration.ofMillis(50));

    @TempDir(factory = QuickFolder.class)
    Path temporary;

    private TestJournal journal;

    @BeforeEach
    void open() throws Exception {
        journal = TestJournal.open(folder(), FIVE_SEGMENTS, new ChronicleSegments());
    }

    @AfterEach
    void close() {
        journal.close();
    }

    @Test
    void theSlowestReaderDecides() throws Exception {
        Hold slow = journal.journal.hold("slow", Sequence.NONE);
        Hold fast = journal.journal.hold("fast", Sequence.NONE);
        Sequence last = fill(3);

        fast.advance(last);
        journal.keeper.run();
        assertThat(journal.journal.trimmed()).isEqualTo(Sequence.NONE);

        // When
        Sequence behindFirst = journal.journal.lives().getFirst().first();
        slow.advance(behindFirst);
        journal.keeper.run();
        assertThat(journal.journal.trimmed()).isEqualTo(Sequence.NONE);
        slow.advance(last);
        journal.keeper.run();

        // Then: all but the newest are gone, and nothing else
        assertThat(journal.journal.usage().segments()).isEqualTo(1);
        assertThat(journal.read()).isNotEmpty();
        assertThatThrownBy(() -> journal.read(Sequence.NONE))
                .isInstanceOf(Fault.class)
                .hasMessageContaining("is gone");
    }

    @Test
    void whatNobodyHoldsIsKept() throws Exception {
        fill(3);
        journal.keeper.run();

        assertThat(journal.journal.trimmed()).isEqualTo(Sequence.NONE);
    }

    @Test
    void onlyWholeSegmentsBelowTheHoldGo() throws Exception {
        Hold hold = journal.journal.hold("reader", Sequence.NONE);
        Sequence last = fill(4);
        List<JournalRecord> all = journal.read();
        for (long upTo = 1; upTo <= last.number(); upTo += 3) {
            hold.advance(new Sequence(upTo));
            journal.keeper.run();

            assertThat(journal.journal.trimmed()).isLessThanOrEqualTo(new Sequence(upTo));
            int from = (int) journal.journal.trimmed().number();
            assertThat(journal.read()).isEqualTo(all.subList(from, all.size()));
        }
        assertThat(journal.journal.trimmed()).isGreaterThan(Sequence.NONE);
    }

    @Test
    void aBatchStaysReadableAfterItsSegmentIsGone() throws Exception {
        Hold hold = journal.journal.hold("reader", Sequence.NONE);
        Sequence last = fill(2);
        var batch = journal.journal.cursor(Sequence.NONE).next(1 << 20).orElseThrow();
        var before = batch.images().getLast().duplicate();
        byte[] bytes = new byte[before.remaining()];
        before.get(bytes);

        hold.advance(last);
        journal.keeper.run();

        byte[] after = new byte[bytes.length];
        batch.images().getLast().duplicate().get(after);
        assertThat(after).isEqualTo(bytes);
        assertThat(journal.journal.trimmed()).isGreaterThanOrEqualTo(batch.last());
        batch.lease().close();
    }

    /** The power goes when the first record behind a full segment was appended and not forced: without the segment there would be no end to go on from. */
    @Test
    void whereTheJournalEndsIsKeptUntilSomethingBehindItIsDurable() throws Exception {
        journal.close();
        FaultySegments disk = new FaultySegments();
        journal = TestJournal.open(folder(), FIVE_SEGMENTS, disk);
        Hold hold = journal.journal.hold("reader", Sequence.NONE);
        while (journal.journal.usage().segments() < 3) {
            journal.force();
            journal.append(write(stream(0), 0, 50_000, 1));
        }
        Sequence end = journal.journal.durable();
        hold.advance(end);

        // When
        disk.failForceBehind(1, new IOException("the power is gone"));
        journal.force();
        journal.keeper.run();

        // Then
        assertThat(journal.journal.fault()).isPresent();
        assertThat(journal.journal.trimmed()).isLessThan(end);
    }

    @Test
    void nothingIsDeletedOnceTheJournalIsClosed() throws Exception {
        Hold hold = journal.journal.hold("reader", Sequence.NONE);
        Sequence last = fill(3);
        int before = SegmentFolder.list(folder().resolve("segments")).size();
        TestJournal closed = journal;
        closed.close();
        int after = SegmentFolder.list(folder().resolve("segments")).size();

        hold.advance(last);
        hold.close();

        assertThat(SegmentFolder.list(folder().resolve("segments"))).hasSize(after);
        assertThat(after).isLessThanOrEqualTo(before);
        open();
        assertThat(journal.journal.trimmed()).isEqualTo(Sequence.NONE);
    }

    @Test
    void theQuotaIsKeptAndSaidAndControlRecordsStillFit() throws Exception {
        Hold hold = journal.journal.hold("reader", Sequence.NONE);
        AppendOutcome outcome;
        List<Long> used = new ArrayList<>();
        do {
            journal.keeper.run();
            journal.owner.runWaiting();
            outcome = journal.journal.append(write(stream(0), 0, 50_000, 1));
            used.add(bytesOnDisk());
        } while (!(outcome instanceof AppendOutcome.Full));

        assertThat(outcome).isEqualTo(new AppendOutcome.Full(AppendOutcome.Limit.QUOTA));
        assertThat(used).allSatisfy(bytes -> assertThat(bytes).isLessThanOrEqualTo(FIVE_SEGMENTS.quotaBytes()));
        assertThat(journal.journal.usage().roomBytes()).isLessThan(SEGMENT_ON_DISK);
        assertThat(journal.journal.append(new io.tidemark.journal.Entry.Gap(stream(0), Sequence.NONE, "full")))
                .isInstanceOf(AppendOutcome.Appended.class);

        // When room is made
        List<String> told = new ArrayList<>();
        journal.journal.whenRoom(() -> told.add("room"));
        journal.force();
        hold.advance(journal.journal.durable());
        journal.keeper.run();
        journal.owner.runWaiting();

        // Then
        assertThat(told).containsExactly("room");
        assertThat(journal.journal.append(write(stream(0), 0, 50_000, 1))).isInstanceOf(AppendOutcome.Appended.class);
    }

    @Test
    void theQuotaIsKeptWhenWritesAreAsFastAsSegmentsAreMade() throws Exception {
        journal.close();
        FaultySegments disk = new FaultySegments();
        journal = TestJournal.open(folder(), FIVE_SEGMENTS, disk);

        // When: each segment is full before the next one is made
        disk.beforeCreate(this::appendWhatThereIsRoomFor);
        journal.keeper.run();

        // Then
        assertThat(appendWhatThereIsRoomFor()).isEqualTo(new AppendOutcome.Full(AppendOutcome.Limit.QUOTA));
        assertThat(bytesOnDisk()).isLessThanOrEqualTo(FIVE_SEGMENTS.quotaBytes());
    }

    /** Appends until no segment is ready, or the quota is overrun. */
    private AppendOutcome appendWhatThereIsRoomFor() {
        AppendOutcome outcome;
        do {
            outcome = journal.journal.append(write(stream(0), 0, 50_000, 1));
        } while (outcome instanceof AppendOutcome.Appended && bytesOnDisk() <= FIVE_SEGMENTS.quotaBytes());
        return outcome;
    }

    /** Appends until so many segments are in use, and makes all durable. */
    private Sequence fill(int segments) {
        Sequence last = Sequence.NONE;
        while (journal.journal.usage().segments() < segments) {
            last = journal.append(write(stream(0), 0, 50_000, 1));
        }
        journal.force();
        journal.keeper.run();
        return last;
    }

    private long bytesOnDisk() {
        try {
            long bytes = 0;
            for (SegmentFolder each : SegmentFolder.list(folder().resolve("segments"))) {
                bytes += each.bytes();
            }
            return bytes;
        } catch (IOException e) {
            throw new AssertionError(e);
        }
    }

    private Path folder() {
        return temporary.resolve("journal");
    }
}
