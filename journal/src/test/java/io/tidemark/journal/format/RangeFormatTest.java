package io.tidemark.journal.format;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.tidemark.journal.Entries;
import io.tidemark.journal.Hex;
import io.tidemark.journal.InvalidRange;
import io.tidemark.journal.JournalRecord;
import io.tidemark.journal.Range;
import io.tidemark.journal.Sequence;
import java.nio.ByteBuffer;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.Random;
import org.junit.jupiter.api.Test;

class RangeFormatTest {

    private static final ByteBuffer HEADER = Hex.bytes("""
            54 4d 47 31              # TMG1
            01 00 00 00              # version, kind: full
            05 00 00 00 00 00 00 00  # first
            07 00 00 00 00 00 00 00  # last
            03 00 00 00              # records
            00 00 00 00              # bytes of extra fields
            2c 01 00 00              # bytes of records
            a5 7d 17 2e              # checksum
            """);

    private static final ByteBuffer PARTIAL = Hex.bytes("""
            54 4d 47 31              # TMG1
            01 01 00 00              # version, kind: partial
            05 00 00 00 00 00 00 00  # first
            09 00 00 00 00 00 00 00  # last
            03 00 00 00              # records
            00 00 00 00              # bytes of extra fields
            2c 01 00 00              # bytes of records
            bf e7 cb 5a              # checksum
            """);

    private final RecordDecoder decoder = new RecordDecoder();

    @Test
    void aHeaderIsTheseBytes() {
        Range range = new Range(new Sequence(5), new Sequence(7), 3, ByteBuffer.allocate(300));

        assertThat(RangeFormat.header(range)).isEqualTo(HEADER);
    }

    @Test
    void theseBytesAreARange() throws BadRecord {
        // When
        Range range = RangeFormat.decode(document(HEADER, ByteBuffer.allocate(300)));

        // Then
        assertThat(range).isEqualTo(new Range(new Sequence(5), new Sequence(7), 3, ByteBuffer.allocate(300)));
    }

    @Test
    void aRangeWithLessRecordsThanSequencesIsPartial() throws BadRecord {
        Range range = new Range(new Sequence(5), new Sequence(9), 3, ByteBuffer.allocate(300));

        assertThat(RangeFormat.header(range)).isEqualTo(PARTIAL);
        assertThat(RangeFormat.decode(document(PARTIAL, ByteBuffer.allocate(300))))
                .isEqualTo(range);
    }

    @Test
    void aPartialRangeHasItsLastRecord() throws InvalidRange {
        List<JournalRecord> some = records(5, 9);
        some.remove(3);
        some.remove(1);

        assertThat(RangeFormat.records(new Range(new Sequence(5), new Sequence(9), 3, Records.body(some)), decoder))
                .isEqualTo(some);
        assertThat(RangeFormat.records(new Range(new Sequence(2), new Sequence(9), 3, Records.body(some)), decoder))
                .isEqualTo(some);
        assertInvalid(new Range(new Sequence(6), new Sequence(9), 3, Records.body(some)));
        assertInvalid(new Range(new Sequence(5), new Sequence(10), 3, Records.body(some)));
        assertInvalid(new Range(
                new Sequence(5), new Sequence(9), 3, Records.body(List.of(some.get(0), some.get(0), some.get(2)))));
    }

    @Test
    void aHeaderWithAnyBitFlippedIsRefused() {
        for (int bit = 0; bit < HEADER.remaining() * 8; bit++) {
            ByteBuffer flipped = document(HEADER, ByteBuffer.allocate(300));
            flipped.put(bit / 8, (byte) (flipped.get(bit / 8) ^ 1 << bit % 8));

            assertThatThrownBy(() -> RangeFormat.decode(flipped)).isInstanceOf(BadRecord.class);
        }
    }

    @Test
    void aRangeFillsItsDocument() {
        for (int body : new int[] {0, 299, 301}) {
            assertThatThrownBy(() -> RangeFormat.decode(document(HEADER, ByteBuffer.allocate(body))))
                    .isInstanceOf(BadRecord.class);
        }
        for (int length = 0; length < HEADER.remaining(); length++) {
            ByteBuffer cut = HEADER.slice(0, length);
            assertThatThrownBy(() -> RangeFormat.decode(cut)).isInstanceOf(BadRecord.class);
        }
    }

    @Test
    void anythingWithTheMagicCountsAsARangeAndNothingElse() {
        assertThat(RangeFormat.isRange(HEADER)).isTrue();
        assertThat(RangeFormat.isRange(HEADER.slice(0, 3))).isFalse();
        assertThat(RangeFormat.isRange(RecordBytesTest.WRITE.bytes())).isFalse();
    }

    @Test
    void recordsOfARangeAreWhatWasPutIn() throws InvalidRange {
        List<JournalRecord> records = records(5, 20);

        assertThat(RangeFormat.records(range(5, 20, records), decoder)).isEqualTo(records);
    }

    @Test
    void recordsMustBeInOrderAndAsManyAsItSays() {
        List<JournalRecord> records = records(5, 8);
        List<JournalRecord> swapped = new ArrayList<>(records);
        Collections.swap(swapped, 1, 2);

        assertInvalid(range(5, 8, swapped));
        assertInvalid(range(5, 8, records.subList(0, 3)));
        assertInvalid(range(5, 8, records.subList(1, 4)));
        assertInvalid(range(5, 7, records));
        assertInvalid(range(4, 8, records));
        assertInvalid(new Range(new Sequence(5), new Sequence(8), 3, Records.body(records)));
        assertInvalid(new Range(new Sequence(5), new Sequence(8), 4, ByteBuffer.allocate(0)));
    }

    @Test
    void aRangeOfTheLargestSequenceIsRefused() {
        List<JournalRecord> records =
                List.of(new JournalRecord(new Sequence(Long.MAX_VALUE), 0, Entries.flush(Entries.stream(0))));

        assertInvalid(range(Long.MAX_VALUE, Long.MAX_VALUE, records));
    }

    @Test
    void anyDamageToTheRecordsIsFound() {
        ByteBuffer body = Records.body(records(1, 4));
        for (int at = 0; at < body.remaining(); at++) {
            ByteBuffer damaged =
                    ByteBuffer.allocate(body.remaining()).put(body.duplicate()).flip();
            damaged.put(at, (byte) (damaged.get(at) ^ 0x10));

            assertInvalid(new Range(new Sequence(1), new Sequence(4), 4, damaged));
        }
    }

    private void assertInvalid(Range range) {
        assertThatThrownBy(() -> RangeFormat.records(range, decoder)).isInstanceOf(InvalidRange.class);
    }

    private static Range range(long first, long last, List<JournalRecord> records) {
        return new Range(new Sequence(first), new Sequence(last), (int) (last - first + 1), Records.body(records));
    }

    private static List<JournalRecord> records(long first, long last) {
        Random random = new Random(first);
        List<JournalRecord> records = new ArrayList<>();
        for (long number = first; number <= last; number++) {
            records.add(new JournalRecord(new Sequence(number), number, Entries.any(random)));
        }
        return records;
    }

    private static ByteBuffer document(ByteBuffer header, ByteBuffer body) {
        return ByteBuffer.allocate(header.remaining() + body.remaining())
                .put(header.duplicate())
                .put(body)
                .flip();
    }
}
