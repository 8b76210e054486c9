package io.tidemark.journal.format;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.tidemark.journal.Entry;
import io.tidemark.journal.Epoch;
import io.tidemark.journal.Extent;
import io.tidemark.journal.Hex;
import io.tidemark.journal.Incarnation;
import io.tidemark.journal.JournalRecord;
import io.tidemark.journal.Sequence;
import io.tidemark.journal.StreamId;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.charset.StandardCharsets;
import java.util.UUID;
import java.util.stream.Stream;
import java.util.zip.CRC32C;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;
import org.junit.jupiter.params.provider.ValueSource;

/** Records as they are on disk, byte by byte. The checksums were computed by another program. */
class RecordBytesTest {

    private static final StreamId STREAM = new StreamId(new UUID(0x1112131415161718L, 0x2122232425262728L));

    /** A record and what it says. */
    record Sample(JournalRecord record, ByteBuffer bytes) {}

    static final Sample WRITE = new Sample(
            new JournalRecord(
                    new Sequence(0x102),
                    0x0102030405060708L,
                    new Entry.Write(
                            STREAM,
                            new Epoch(3),
                            0x1000,
                            ByteBuffer.wrap("tidemark".getBytes(StandardCharsets.US_ASCII)))),
            Hex.bytes("""
                    54 4d 52 31              # TMR1
                    01 01 00 00              # version, type, flags
                    02 01 00 00 00 00 00 00  # sequence
                    18 17 16 15 14 13 12 11  # stream
                    28 27 26 25 24 23 22 21
                    03 00 00 00 00 00 00 00  # epoch
                    00 10 00 00 00 00 00 00  # offset
                    08 00 00 00 00 00 00 00  # length
                    08 07 06 05 04 03 02 01  # time
                    08 00 00 00              # payload bytes
                    8b b4 dc 74              # checksum
                    74 69 64 65 6d 61 72 6b  # tidemark
                    """));

    static final Sample ZERO = new Sample(
            new JournalRecord(
                    new Sequence(7), 9, new Entry.Zero(STREAM, new Epoch(4), new Extent(0x200, 1L << 40), true)),
            Hex.bytes("""
                    54 4d 52 31              # TMR1
                    01 02 01 00              # version, type, flags: keep it allocated
                    07 00 00 00 00 00 00 00  # sequence
                    18 17 16 15 14 13 12 11  # stream
                    28 27 26 25 24 23 22 21
                    04 00 00 00 00 00 00 00  # epoch
                    00 02 00 00 00 00 00 00  # offset
                    00 00 00 00 00 01 00 00  # length
                    09 00 00 00 00 00 00 00  # time
                    00 00 00 00              # payload bytes
                    d4 3e 4f 9f              # checksum
                    """));

    static final Sample GAP = new Sample(
            new JournalRecord(new Sequence(9), 10, new Entry.Gap(STREAM, new Sequence(5), "löst")), Hex.bytes("""
                    54 4d 52 31              # TMR1
                    01 08 00 00              # version, type, flags
                    09 00 00 00 00 00 00 00  # sequence
                    18 17 16 15 14 13 12 11  # stream
                    28 27 26 25 24 23 22 21
                    00 00 00 00 00 00 00 00  # epoch
                    05 00 00 00 00 00 00 00  # the last record that is surely there
                    00 00 00 00 00 00 00 00  # length
                    0a 00 00 00 00 00 00 00  # time
                    05 00 00 00              # payload bytes
                    2f 71 fd 16              # checksum
                    6c c3 b6 73 74           # the reason
                    """));

    static final Sample OPENED = new Sample(
            new JournalRecord(
                    new Sequence(1),
                    11,
                    new Entry.Opened(
                            new Incarnation(0x0a0b0c0d0e0f1011L), new UUID(0x3132333435363738L, 0x4142434445464748L))),
            Hex.bytes("""
                    54 4d 52 31              # TMR1
                    01 0e 00 00              # version, type, flags
                    01 00 00 00 00 00 00 00  # sequence
                    00 00 00 00 00 00 00 00  # no stream
                    00 00 00 00 00 00 00 00
                    00 00 00 00 00 00 00 00  # epoch
                    00 00 00 00 00 00 00 00  # offset
                    00 00 00 00 00 00 00 00  # length
                    0b 00 00 00 00 00 00 00  # time
                    18 00 00 00              # payload bytes
                    08 d9 61 fc              # checksum
                    11 10 0f 0e 0d 0c 0b 0a  # incarnation
                    38 37 36 35 34 33 32 31  # boot id
                    48 47 46 45 44 43 42 41
                    """));

    private final RecordEncoder encoder = new RecordEncoder();
    private final RecordDecoder decoder = new RecordDecoder();

    static Stream<Sample> samples() {
        return Stream.of(WRITE, ZERO, GAP, OPENED);
    }

    @ParameterizedTest
    @MethodSource("samples")
    void entriesBecomeTheseBytes(Sample sample) {
        assertThat(Records.encoded(encoder, sample.record())).isEqualTo(sample.bytes());
    }

    @ParameterizedTest
    @MethodSource("samples")
    void theseBytesBecomeEntries(Sample sample) throws BadRecord {
        // When
        JournalRecord decoded = decoder.decodeWhole(sample.bytes().duplicate());

        // Then
        assertThat(decoded).isEqualTo(sample.record());
        assertThat(RecordDecoder.size(decoded)).isEqualTo(sample.bytes().remaining());
        assertThat(RecordDecoder.size(sample.bytes())).isEqualTo(sample.bytes().remaining());
    }

    @ParameterizedTest
    @MethodSource("samples")
    void aRecordCutAnywhereIsRefused(Sample sample) {
        for (int length = 0; length < sample.bytes().remaining(); length++) {
            ByteBuffer cut = sample.bytes().slice(0, length);

            assertThatThrownBy(() -> decoder.decode(cut)).isInstanceOf(BadRecord.class);
            assertThat(cut.position()).isZero();
        }
    }

    @ParameterizedTest
    @MethodSource("samples")
    void aRecordWithAnyBitFlippedIsRefused(Sample sample) {
        for (int bit = 0; bit < sample.bytes().remaining() * 8; bit++) {
            ByteBuffer flipped = copy(sample.bytes());
            flipped.put(bit / 8, (byte) (flipped.get(bit / 8) ^ 1 << bit % 8));

            assertThatThrownBy(() -> decoder.decode(flipped)).isInstanceOf(BadRecord.class);
        }
    }

    @Test
    void aDocumentHoldsOneRecordAndNoMore() {
        ByteBuffer longer = ByteBuffer.allocate(WRITE.bytes().remaining() + 1)
                .put(WRITE.bytes().duplicate())
                .put((byte) 0)
                .flip();

        assertThatThrownBy(() -> decoder.decodeWhole(longer)).isInstanceOf(BadRecord.class);
    }

    @ParameterizedTest
    @ValueSource(ints = {0, 12, 13, 18, 255})
    void unknownTypesAreRefused(int type) {
        assertRefused(ZERO, RecordFormat.FLAGS_AT, 0, RecordFormat.TYPE_AT, type, "type");
    }

    @ParameterizedTest
    @ValueSource(ints = {0, 2, 3})
    void otherVersionsAreRefused(int version) {
        assertRefused(ZERO, RecordFormat.VERSION_AT, version, "version");
    }

    @ParameterizedTest
    @ValueSource(ints = {6, 7, 8, 128})
    void unknownFlagsAreRefused(int flags) {
        assertRefused(ZERO, RecordFormat.FLAGS_AT, flags, "flags");
    }

    @Test
    void aWriteCarriesNoFlag() {
        assertRefused(WRITE, RecordFormat.FLAGS_AT, RecordFormat.FLAG_KEEP_ALLOCATED, "flags");
    }

    @Test
    void aPayloadWhereThereIsNoneIsRefused() {
        assertRefused(GAP, RecordFormat.TYPE_AT, RecordFormat.CUT, "payload");
    }

    @Test
    void aWriteIsAsLongAsItsPayload() {
        assertRefused(WRITE, RecordFormat.LENGTH_AT, 7, "write of 7 bytes with 8");
    }

    @Test
    void negativeNumbersAreRefused() {
        assertRefused(WRITE, RecordFormat.EPOCH_AT + 7, 0x80, "epoch");
        assertRefused(WRITE, RecordFormat.OFFSET_AT + 7, 0x80, "extent");
        assertRefused(WRITE, RecordFormat.SEQUENCE_AT + 7, 0x80, "sequence");
        assertRefused(ZERO, RecordFormat.LENGTH_AT + 7, 0x80, "extent");
        assertRefused(GAP, RecordFormat.OFFSET_AT + 7, 0x80, "sequence");
    }

    @Test
    void anExtentEndsBeforeTheLargestNumber() {
        assertRefused(ZERO, RecordFormat.LENGTH_AT + 7, 0x7f, RecordFormat.OFFSET_AT + 7, 0x7f, "extent");
    }

    @Test
    void onlyTwoSidesAreKnown() {
        assertRefused(ZERO, RecordFormat.FLAGS_AT, 0, RecordFormat.TYPE_AT, RecordFormat.COPY_END, "side");
    }

    @Test
    void textThatWouldNotBeTheSameBytesAgainIsRefused() {
        assertRefused(GAP, RecordFormat.HEADER_BYTES + 2, 0xff, "UTF-8");
    }

    @Test
    void anOpeningSaysBothItsNumbers() {
        assertRefused(GAP, RecordFormat.TYPE_AT, RecordFormat.OPENED, "opened");
    }

    private void assertRefused(Sample sample, int at, int value, String why) {
        assertRefused(sample, at, value, at, value, why);
    }

    /** Changes two bytes, makes the checksum right again, and expects a refusal for another reason. */
    private void assertRefused(Sample sample, int at, int value, int alsoAt, int also, String why) {
        ByteBuffer bytes = copy(sample.bytes()).put(at, (byte) value).put(alsoAt, (byte) also);
        CRC32C crc = new CRC32C();
        crc.update(bytes.slice(0, RecordFormat.CRC_AT));
        crc.update(bytes.slice(RecordFormat.HEADER_BYTES, bytes.capacity() - RecordFormat.HEADER_BYTES));
        bytes.putInt(RecordFormat.CRC_AT, (int) crc.getValue());

        assertThatThrownBy(() -> decoder.decode(bytes))
                .isInstanceOf(BadRecord.class)
                .hasMessageContaining(why);
    }

    private static ByteBuffer copy(ByteBuffer bytes) {
        return ByteBuffer.allocate(bytes.remaining())
                .order(ByteOrder.LITTLE_ENDIAN)
                .put(bytes.duplicate())
                .flip();
    }
}
