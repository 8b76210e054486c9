package io.tidemark.ship;

import static org.assertj.core.api.Assertions.assertThat;

import io.tidemark.journal.Batch;
import io.tidemark.journal.Entries;
import io.tidemark.journal.Entry;
import io.tidemark.journal.Epoch;
import io.tidemark.journal.Extent;
import io.tidemark.journal.JournalRecord;
import io.tidemark.journal.Lease;
import io.tidemark.journal.Sequence;
import io.tidemark.journal.Shipping;
import io.tidemark.journal.Side;
import io.tidemark.journal.StreamId;
import java.nio.ByteBuffer;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Random;
import java.util.Set;
import java.util.stream.IntStream;
import java.util.stream.Stream;
import org.junit.jupiter.api.RepeatedTest;
import org.junit.jupiter.api.RepetitionInfo;
import org.junit.jupiter.api.Test;

/** What is left out of a merged range is what nobody can see at the points that are left in it (I3). */
class MergeTest {

    private static final StreamId A = Entries.stream(1);
    private static final StreamId B = Entries.stream(2);
    private static final int DISK_BYTES = 64;
    private static final int PLENTY = 1 << 20;

    @Test
    void whatIsOverwrittenGoesAndSoDoThePointsBetween() {
        assertThat(merged(write(A, 0, 8, 1), flush(A), write(A, 0, 8, 2), flush(A), write(A, 0, 8, 3), flush(A)))
                .hasValue(List.of(5L, 6L));
    }

    @Test
    void whatIsOverwrittenInPartStays() {
        assertThat(merged(
                        write(A, 0, 8, 1),
                        write(A, 16, 8, 1),
                        write(A, 16, 4, 2),
                        write(A, 20, 8, 2),
                        write(A, 1, 8, 2)))
                .hasValue(List.of(1L, 3L, 4L, 5L));
    }

    /** Its source has flushed and fallen silent: no later point would have what it wrote. */
    @Test
    void theLastPointOfEachStreamStaysWholeByItself() {
        assertThat(merged(
                        write(A, 0, 8, 0),
                        write(A, 0, 8, 1),
                        flush(A),
                        write(B, 0, 8, 1),
                        flush(B),
                        write(B, 0, 8, 2),
                        flush(B)))
                .hasValue(List.of(2L, 3L, 6L, 7L));
    }

    @Test
    void aCutIsThePointOfAll() {
        assertThat(merged(write(A, 0, 8, 1), flush(A), write(B, 0, 8, 1), flush(B), write(A, 0, 8, 2), new Entry.Cut()))
                .hasValue(List.of(3L, 5L, 6L));
    }

    @Test
    void nothingGoesThatAStateChangeMayMakeAPointOf() {
        Entry end = new Entry.CopyEnd(A, Epoch.FIRST, Side.INTAKE);
        assertThat(merged(write(A, 0, 8, 1), end, write(A, 0, 8, 2), flush(A))).isEmpty();
    }

    @Test
    void whatSavesTooLittleIsNotMerged() {
        List<Entry> entries = new ArrayList<>();
        for (int i = 0; i < 16; i++) {
            entries.add(write(A, i * 4L, 4, i));
        }
        entries.add(write(A, 0, 4, 99));

        assertThat(merged(entries.toArray(Entry[]::new))).isEmpty();
    }

    @Test
    void aRangeHoldsNoMoreThanItMay() {
        Entry[] entries =
                IntStream.range(0, 64).mapToObj(i -> write(A, i / 2 * 2L, 2, i)).toArray(Entry[]::new);
        Batch batch = batch(entries);

        Batch merged = Merge.of(batch, batch.bytes() / 4).orElseThrow();

        assertThat(merged.bytes()).isLessThanOrEqualTo(batch.bytes() / 4);
        assertThat(merged.last()).isLessThan(batch.last());
    }

    @RepeatedTest(200)
    void anyPointThatIsLeftIsExact(RepetitionInfo repetition) {
        Random random = new Random(repetition.getCurrentRepetition());
        Entry[] entries =
                IntStream.range(0, 40).mapToObj(i -> anything(random, i)).toArray(Entry[]::new);
        Batch batch = batch(entries);
        Optional<Batch> merged = Merge.of(batch, batch.bytes() * (1 + random.nextInt(4)) / 4);

        merged.ifPresent(range -> {
            Map<StreamId, byte[]> replica = disks();
            for (JournalRecord record : range.records()) {
                apply(replica, record.entry());
                if (isPoint(record.entry()) || record.sequence().equals(range.last())) {
                    assertThat(text(replica))
                            .as("at %s", record.sequence())
                            .isEqualTo(text(prefix(batch, record.sequence())));
                }
            }
            assertThat(lastPoints(range.records())).isEqualTo(lastPoints(upTo(batch, range.last())));
        });
    }

    private static Entry anything(Random random, int fill) {
        StreamId stream = random.nextBoolean() ? A : B;
        return switch (random.nextInt(12)) {
            case 0 -> flush(stream);
            case 1 -> new Entry.Cut();
            case 2 -> random.nextInt(4) == 0 ? new Entry.CopyEnd(stream, Epoch.FIRST, Side.SHIP) : flush(stream);
            case 3 -> new Entry.Trim(stream, Epoch.FIRST, extent(random));
            default -> {
                Extent extent = extent(random);
                yield write(stream, extent.offset(), (int) extent.length(), fill + 1);
            }
        };
    }

    private static Extent extent(Random random) {
        int at = random.nextInt(DISK_BYTES / 4) * 4;
        return new Extent(at, Math.min(4 * (1 + random.nextInt(4)), DISK_BYTES - at));
    }

    private static Map<StreamId, byte[]> disks() {
        return Map.of(A, new byte[DISK_BYTES], B, new byte[DISK_BYTES]);
    }

    private static Map<StreamId, byte[]> prefix(Batch batch, Sequence last) {
        Map<StreamId, byte[]> disks = disks();
        upTo(batch, last).forEach(record -> apply(disks, record.entry()));
        return disks;
    }

    private static List<JournalRecord> upTo(Batch batch, Sequence last) {
        return batch.records().stream()
                .filter(record -> !record.sequence().isAfter(last))
                .toList();
    }

    private static void apply(Map<StreamId, byte[]> disks, Entry entry) {
        if (entry instanceof Entry.Data data) {
            byte[] disk = disks.get(data.stream());
            int at = (int) data.extent().offset();
            if (data instanceof Entry.Write write) {
                write.payload().duplicate().get(disk, at, (int) data.extent().length());
            } else {
                Arrays.fill(disk, at, (int) data.extent().end(), (byte) 0);
            }
        }
    }

    private static boolean isPoint(Entry entry) {
        return entry instanceof Entry.Control control && control.endsEpoch();
    }

    /** Where each stream has a point last: a cut is one of both. */
    private static Set<Sequence> lastPoints(List<JournalRecord> records) {
        Set<Sequence> last = new HashSet<>();
        for (StreamId stream : List.of(A, B)) {
            records.reversed().stream()
                    .filter(record -> isPointOf(stream, record.entry()))
                    .findFirst()
                    .map(JournalRecord::sequence)
                    .ifPresent(last::add);
        }
        return last;
    }

    private static boolean isPointOf(StreamId stream, Entry entry) {
        return switch (entry) {
            case Entry.Cut cut -> true;
            case Entry.Flush flush -> flush.stream().equals(stream);
            default -> false;
        };
    }

    private static String text(Map<StreamId, byte[]> disks) {
        return Arrays.toString(disks.get(A)) + Arrays.toString(disks.get(B));
    }

    /** The numbers of the records that are left. */
    private static Optional<List<Long>> merged(Entry... entries) {
        return Merge.of(batch(entries), PLENTY).map(batch -> batch.records().stream()
                .map(record -> record.sequence().number())
                .toList());
    }

    private static Batch batch(Entry... entries) {
        List<JournalRecord> records = IntStream.range(0, entries.length)
                .mapToObj(i -> new JournalRecord(new Sequence(i + 1), 0, entries[i]))
                .toList();
        List<ByteBuffer> images = Stream.of(entries)
                .map(entry -> ByteBuffer.allocate(8
                        + (entry instanceof Entry.Write write ? write.payload().remaining() : 0)))
                .toList();
        int bytes = images.stream().mapToInt(ByteBuffer::remaining).sum();
        return new Batch(records, images, bytes, Lease.NONE);
    }

    private static Entry.Flush flush(StreamId stream) {
        return new Entry.Flush(stream, Epoch.FIRST);
    }

    private static Entry.Write write(StreamId stream, long offset, int length, int fill) {
        return new Entry.Write(stream, Epoch.FIRST, offset, Entries.bytes(length, fill), Shipping.SHIPPED);
    }
}
