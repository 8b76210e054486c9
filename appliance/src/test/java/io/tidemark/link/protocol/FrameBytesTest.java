package io.tidemark.link.protocol;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.netty.buffer.ByteBuf;
import io.netty.buffer.ByteBufAllocator;
import io.netty.buffer.ByteBufUtil;
import io.netty.buffer.Unpooled;
import io.netty.buffer.UnpooledByteBufAllocator;
import java.util.HexFormat;
import java.util.List;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.FieldSource;

/** Each frame, byte for byte: it decodes, encodes to the same, and is safe at every split and every truncation. */
class FrameBytesTest {

    private static final byte[] RECORDS = {1, 2, 3, 4, 5};

    /** Without leak detection, which takes longer than everything else here. */
    private static final ByteBufAllocator MEMORY = new UnpooledByteBufAllocator(false, true);

    record Frame(Object message, String hex) {

        byte[] bytes() {
            byte[] bytes = HexFormat.of().parseHex(hex.replace("@", "00000000"));
            ByteBuf frame = Unpooled.wrappedBuffer(bytes);
            seal(frame);
            return bytes;
        }

        @Override
        public String toString() {
            return message.toString();
        }
    }

    static final List<Frame> FRAMES = List.of(
            frame(
                    Samples.HELLO,
                    "544d4c31 01 00 0000 41000000 @", // magic, type, zeroes, length, CRC
                    "0100 0300", // lowest and highest version
                    "1817161514131211 2827262524232221", // site id
                    "0500 6e6f727468", // "north"
                    "3837363534333231 4847464544434241", // journal id
                    "9291000000000000", // origin
                    "5857565554535251", // session
                    "03 04 @"), // connection 3 of 4
            frame(
                    Samples.WELCOME,
                    "544d4c31 02 00 0000 39000000 @",
                    "0100", // version
                    "1817161514131211 2827262524232221",
                    "0500 6e6f727468",
                    "0807060504030201", // resume
                    "64636261", // CRC of the record
                    "7877767574737271", // incarnation
                    "0000000400000000 @"), // credit
            frame(
                    Samples.WELCOME_NOTHING,
                    "544d4c31 02 00 0000 39000000 @",
                    "0100",
                    "1817161514131211 2827262524232221",
                    "0500 6e6f727468",
                    "0000000000000000",
                    "00000000",
                    "0000000000000000",
                    "0000000400000000 @"),
            frame(Samples.START, "544d4c31 03 00 0000 0c000000 @", "0907060504030201 @"),
            frame(
                    new Collected.Ranged(Samples.RANGE, Unpooled.wrappedBuffer(RECORDS)),
                    "544d4c31 04 00 0000 2d000000 @",
                    "5857565554535251", // session
                    "0907060504030201", // first
                    "0a07060504030201", // last
                    "02000000", // records
                    "05030000", // bytes of the records
                    "01 00 0000 @", // zstd, full, no extra fields
                    "0102030405"), // the records
            frame(
                    Samples.ACK,
                    "544d4c31 05 00 0000 24000000 @",
                    "0302000000000000", // received
                    "0202000000000000", // durable
                    "0102000000000000", // floor
                    "0000000400000000 @"), // credit
            frame(Samples.PING, "544d4c31 06 00 0000 0c000000 @", "8887868584838281 @"),
            frame(Samples.PONG, "544d4c31 07 00 0000 0c000000 @", "8887868584838281 @"),
            frame(new Message.Bye(), "544d4c31 08 00 0000 00000000 @"),
            frame(
                    Samples.FAILURE,
                    "544d4c31 09 00 0000 0f000000 @",
                    "0500", // trimmed
                    "0700 676f6e6520c3a9 @"), // "gone é"
            frame(
                    Samples.TERM,
                    "544d4c31 0a 00 0000 50000000 @",
                    "3837363534333231 4847464544434241", // VM
                    "0302000000000000", // number
                    "0500 6e6f727468", // "north"
                    "05", // based
                    "0807060504030201", // last
                    "1817161514131211 2827262524232221", // disk
                    "3837363534333231 4847464544434241", // journal
                    "64636261 @"), // checksum
            frame(
                    Samples.COMPARE,
                    "544d4c31 0b 00 0000 50000000 @",
                    "0504000000000000", // number
                    "0807060504030201", // after
                    "1817161514131211 2827262524232221", // disk
                    "0000010000000000", // offset
                    "00020000", // length
                    "7468697274792d74776f206279746573206f66206120626c6f636b2773207375 @"), // its SHA-256
            frame(
                    Samples.EQUAL,
                    "544d4c31 0c 00 0000 14000000 @",
                    "0504000000000000", // number
                    "0100000000000080 @")); // the first block, and the last

    @ParameterizedTest
    @FieldSource("FRAMES")
    void encodesToTheseBytes(Frame frame) {
        assertThat(ByteBufUtil.getBytes(encode(frame.message()))).isEqualTo(frame.bytes());
    }

    @ParameterizedTest
    @FieldSource("FRAMES")
    void decodesAtEverySplit(Frame frame) {
        for (int first = 0; first <= frame.bytes().length; first++) {
            for (int second = first; second <= frame.bytes().length; second++) {
                Collected collected = new Collected();
                FrameAssembler assembler = new FrameAssembler(collected);
                assembler.accept(Unpooled.wrappedBuffer(frame.bytes(), 0, first));
                assembler.accept(Unpooled.wrappedBuffer(frame.bytes(), first, second - first));
                assembler.accept(Unpooled.wrappedBuffer(frame.bytes(), second, frame.bytes().length - second));

                assertThat(collected.frames).containsExactly(frame.message());
            }
        }
    }

    @ParameterizedTest
    @FieldSource("FRAMES")
    void isNothingWhenCutAnywhere(Frame frame) {
        for (int end = 0; end < frame.bytes().length; end++) {
            Collected collected = new Collected();
            FrameAssembler assembler = new FrameAssembler(collected);
            assembler.accept(Unpooled.wrappedBuffer(frame.bytes(), 0, end));
            assembler.close();

            assertThat(collected.frames).isEmpty();
            assertThat(collected.roomsInUse()).isZero();
        }
    }

    @ParameterizedTest
    @FieldSource("FRAMES")
    void isRefusedWithAnyBitChanged(Frame frame) {
        int checked = frame.bytes().length - (frame.message() instanceof Collected.Ranged ? RECORDS.length : 0);
        for (int bit = 0; bit < checked * Byte.SIZE; bit++) {
            byte[] bytes = frame.bytes();
            bytes[bit / Byte.SIZE] ^= (byte) (1 << bit % Byte.SIZE);
            FrameAssembler assembler = new FrameAssembler(new Collected());

            assertThatThrownBy(() -> assembler.accept(Unpooled.wrappedBuffer(bytes)))
                    .as("bit %d", bit)
                    .isInstanceOf(ProtocolViolation.class);
        }
    }

    /** Makes the checksums right, as far as the frame is there. */
    static void seal(ByteBuf frame) {
        frame.setIntLE(Constants.CRC_AT, Encoder.checksum(frame));
        boolean ranged = frame.getByte(Constants.TYPE_AT) == FrameType.RANGE.number();
        long body = ranged ? Constants.RANGE_FIELDS_BYTES : frame.getUnsignedIntLE(Constants.BODY_BYTES_AT);
        int fields = (int) Math.min(body - Constants.CRC_BYTES, frame.writerIndex());
        int end = Constants.FRAME_HEADER_BYTES + fields;
        if (fields >= 0 && end + Constants.CRC_BYTES <= frame.writerIndex()) {
            frame.setIntLE(end, Encoder.checksum(frame, Constants.FRAME_HEADER_BYTES, fields));
        }
    }

    static ByteBuf encode(Object message) {
        return switch (message) {
            case Collected.Ranged range ->
                Unpooled.wrappedBuffer(
                        Encoder.encode(range.header(), MEMORY), range.records().duplicate());
            case Message other -> Encoder.encode(other, MEMORY);
            default -> throw new IllegalArgumentException(message.toString());
        };
    }

    /** The bytes in hexadecimal; {@code @} stands for a checksum. */
    private static Frame frame(Object message, String... hex) {
        return new Frame(message, String.join("", hex).replace(" ", ""));
    }
}
