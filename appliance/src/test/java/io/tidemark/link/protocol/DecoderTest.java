package io.tidemark.link.protocol;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.netty.buffer.ByteBuf;
import io.netty.buffer.ByteBufUtil;
import io.netty.buffer.Unpooled;
import io.tidemark.link.ErrorCode;
import java.util.List;
import java.util.function.Consumer;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.FieldSource;

/** What is not exactly as docs/protocol.md says is refused, by name. */
class DecoderTest {

    /** A frame that was right, what is done to it, and what is said of it. */
    record Wrong(Object message, Consumer<ByteBuf> change, boolean sealed, String said) {
        @Override
        public String toString() {
            return said;
        }
    }

    private static final int BODY = Constants.FRAME_HEADER_BYTES;

    static final List<Wrong> WRONGS = List.of(
            wrong(Samples.PING, frame -> frame.setByte(0, 'X'), "magic 314c4d58"),
            new Wrong(Samples.PING, frame -> frame.setByte(8, 9), false, "checksum of a frame's header"),
            wrong(Samples.PING, frame -> frame.setByte(4, 0), "type 0"),
            wrong(Samples.PING, frame -> frame.setByte(4, 13), "type 13"),
            wrong(Samples.PING, frame -> frame.setByte(5, 1), "PING: bytes 5 to 7 are not zero"),
            wrong(Samples.PING, frame -> frame.setByte(7, 1), "PING: bytes 5 to 7 are not zero"),
            wrong(Samples.PING, frame -> frame.setIntLE(8, (64 << 10) + 1), "PING of 65537 bytes"),
            wrong(Samples.RANGE, frame -> frame.setIntLE(8, (8 << 20) + 1), "RANGE of 8388609 bytes"),
            wrong(Samples.PING, frame -> frame.setIntLE(8, -1), "PING of 4294967295 bytes"),
            wrong(Samples.PING, frame -> frame.setIntLE(8, 11), "PING is too short"),
            wrong(Samples.PING, frame -> frame.setIntLE(8, 13).writeByte(0), "PING is 1 bytes too long"),
            wrong(new Message.Bye(), frame -> frame.setIntLE(8, 5).writeZero(5), "BYE is 1 bytes too long"),
            wrong(Samples.HELLO, frame -> frame.setIntLE(8, 66).writeByte(0), "HELLO is 1 bytes too long"),
            wrong(Samples.HELLO, frame -> frame.setShortLE(BODY, 0), "HELLO: versions 0 to 3"),
            wrong(Samples.HELLO, frame -> frame.setShortLE(BODY, 4), "HELLO: versions 4 to 3"),
            wrong(Samples.HELLO, frame -> frame.setShortLE(BODY + 20, 200), "HELLO is too short"),
            wrong(Samples.HELLO, frame -> frame.setByte(BODY + 22, 0xff), "a string is not UTF-8"),
            wrong(Samples.HELLO, frame -> frame.setByte(BODY + 60, 0), "HELLO: connection 3 of 0"),
            wrong(Samples.HELLO, frame -> frame.setByte(BODY + 60, 65), "HELLO: connection 3 of 65"),
            wrong(Samples.HELLO, frame -> frame.setByte(BODY + 59, 4), "HELLO: connection 4 of 4"),
            wrong(Samples.WELCOME, frame -> frame.setLongLE(BODY + 25, -1), "WELCOME: sequence -1"),
            wrong(Samples.WELCOME, frame -> frame.setLongLE(BODY + 25, 0), "WELCOME: a record where there is none"),
            wrong(Samples.WELCOME, frame -> frame.setLongLE(BODY + 45, 1), "WELCOME: credit of 1 bytes, below 8388608"),
            wrong(Samples.START, frame -> frame.setLongLE(BODY, -2), "START: sequence -2"),
            wrong(Samples.ACK, frame -> frame.setLongLE(BODY + 8, 0x204), "ACK: durable up to 516, received up to 515"),
            wrong(Samples.TERM, frame -> frame.setLongLE(BODY + 16, 0), "TERM: term 0 of a site of 5 bytes"),
            wrong(Samples.TERM, frame -> frame.setByte(BODY + 31, 9), "TERM of kind 9"),
            wrong(Samples.TERM, frame -> frame.setByte(BODY + 31, 0), "TERM: HELD with record 72623859790382856"),
            wrong(Samples.TERM, frame -> frame.setByte(BODY + 31, 2), "TERM: YIELDED with record 72623859790382856"),
            wrong(Samples.TERM, frame -> frame.setLongLE(BODY + 32, -1), "TERM: sequence -1"),
            wrong(Samples.COMPARE, frame -> frame.setLongLE(BODY + 8, -1), "COMPARE: sequence -1"),
            wrong(Samples.COMPARE, frame -> frame.setLongLE(BODY + 32, 0x200), "COMPARE: comparison of [512+512]"),
            wrong(Samples.COMPARE, frame -> frame.setLongLE(BODY + 32, -1), "COMPARE: extent of 512 bytes at -1"),
            wrong(Samples.COMPARE, frame -> frame.setIntLE(BODY + 40, 0), "COMPARE: extent of 0 bytes"),
            wrong(Samples.COMPARE, frame -> frame.setIntLE(BODY + 40, -1), "COMPARE: comparison of [65536+4294967295]"),
            wrong(Samples.COMPARE, frame -> frame.setIntLE(BODY + 40, 0x10001), "with 32 bytes of digests"),
            wrong(Samples.COMPARE, frame -> frame.setIntLE(8, 79).writerIndex(16 + 79), "with 31 bytes of digests"),
            wrong(Samples.EQUAL, frame -> frame.setIntLE(8, 21).writeByte(0), "EQUAL is 1 bytes too long"),
            wrong(Samples.FAILURE, frame -> frame.setShortLE(BODY, 0), "error code 0"),
            wrong(Samples.FAILURE, frame -> frame.setShortLE(BODY, 8), "error code 8"),
            new Wrong(Samples.ACK, frame -> frame.setByte(BODY + 16, 2), false, "checksum of ACK"),
            new Wrong(Samples.RANGE, frame -> frame.setByte(BODY, 2), false, "checksum of RANGE"),
            wrong(new Message.Bye(), frame -> frame.setIntLE(8, 3).writeZero(3), "BYE is too short"),
            wrong(
                    Samples.RANGE,
                    frame -> frame.setLongLE(BODY + 8, 1)
                            .setLongLE(BODY + 16, 1L << 31)
                            .setIntLE(BODY + 24, Integer.MIN_VALUE),
                    "of -2147483648 records"),
            wrong(Samples.RANGE, frame -> frame.setIntLE(8, 20), "RANGE: range 72623859790382857"),
            wrong(Samples.RANGE, frame -> frame.setLongLE(BODY + 16, 1), "of 2 records"),
            wrong(Samples.RANGE, frame -> frame.setIntLE(BODY + 24, 3), "of 3 records"),
            wrong(Samples.RANGE, frame -> frame.setIntLE(BODY + 24, -1), "of -1 records"),
            wrong(Samples.RANGE, frame -> frame.setIntLE(BODY + 28, 0), "of 0 bytes"),
            wrong(Samples.RANGE, frame -> frame.setIntLE(BODY + 28, (6 << 20) + 1), "of 6291457 bytes"),
            wrong(Samples.RANGE, frame -> frame.setIntLE(BODY + 28, 5), "of 5 bytes, 5 as ZSTD"),
            wrong(Samples.RANGE, frame -> frame.setByte(BODY + 32, 0), "of 773 bytes, 5 as PLAIN"),
            wrong(Samples.RANGE, frame -> frame.setByte(BODY + 32, 2), "encoding 2"),
            wrong(Samples.RANGE, frame -> frame.setByte(BODY + 33, 1), "RANGE of kind 1"),
            wrong(Samples.RANGE, frame -> frame.setByte(BODY + 34, 1), "with 1 bytes of extra fields"));

    @ParameterizedTest
    @FieldSource("WRONGS")
    void isRefused(Wrong wrong) {
        ByteBuf frame = Unpooled.buffer().writeBytes(encode(wrong.message()));
        wrong.change().accept(frame);
        if (wrong.sealed()) {
            FrameBytesTest.seal(frame);
        }
        FrameAssembler assembler = new FrameAssembler(new Collected());

        assertThatThrownBy(() -> assembler.accept(frame))
                .isInstanceOf(ProtocolViolation.class)
                .hasMessageContaining(wrong.said());
    }

    @Test
    void whatLaterVersionsAddToHelloIsIgnored() {
        // Given
        ByteBuf frame = Unpooled.buffer().writeBytes(encode(Samples.HELLO));
        frame.setIntLE(8, frame.getIntLE(8) + 3)
                .writerIndex(frame.writerIndex() - 4)
                .writeBytes(new byte[] {1, 2, 3, 0, 0, 0, 0});
        frame.setShortLE(BODY + 2, 5);
        FrameBytesTest.seal(frame);
        Collected collected = new Collected();

        // When
        new FrameAssembler(collected).accept(frame);

        // Then
        assertThat(collected.frames)
                .singleElement()
                .extracting(hello -> ((Message.Hello) hello).versions())
                .isEqualTo(new Message.Versions(1, 5));
    }

    @Test
    void sitesSpeakTheNewestVersionThatBothKnow() {
        Message.Versions ours = Message.Versions.OURS;

        assertThat(new Message.Versions(1, 1).common(ours)).hasValue(1);
        assertThat(new Message.Versions(1, 9).common(ours)).hasValue(4);
        assertThat(new Message.Versions(2, 2).common(ours)).hasValue(2);
        assertThat(new Message.Versions(5, 9).common(ours)).isEmpty();
        assertThat(Message.Versions.hasPriorities(3)).isFalse();
        assertThat(Message.Versions.hasPriorities(4)).isTrue();
        assertThat(Message.Versions.hasTerms(1)).isFalse();
        assertThat(Message.Versions.hasTerms(2)).isTrue();
        assertThat(Message.Versions.hasComparisons(2)).isFalse();
        assertThat(Message.Versions.hasComparisons(3)).isTrue();
    }

    @Test
    void recordsThatNobodyWantsAreDroppedAndTheNextFrameIsRead() {
        // Given
        Collected collected = new Collected();
        collected.dropRecords();

        // When
        new FrameAssembler(collected)
                .accept(Unpooled.wrappedBuffer(
                        encode(Samples.RANGE), Unpooled.wrappedBuffer(new byte[5]), encode(Samples.PING)));

        // Then
        assertThat(collected.frames).containsExactly(Samples.PING);
    }

    @Test
    void whatIsSaidToPeopleIsOneLineThatCanBeSeen() {
        assertThat(new Message.Failure(ErrorCode.BUSY, "a\nERROR b\u001b[2J\u2028\u202e\u00e9").text())
                .isEqualTo("a?ERROR b?[2J??\u00e9");
        assertThat(new Message.Failure(ErrorCode.BUSY, "x".repeat(60_000)).text())
                .hasSize(300);
    }

    private static Wrong wrong(Object message, Consumer<ByteBuf> change, String said) {
        return new Wrong(message, change, true, said);
    }

    private static ByteBuf encode(Object message) {
        Object frame =
                message instanceof RangeHeader range ? new Collected.Ranged(range, Unpooled.EMPTY_BUFFER) : message;
        ByteBuf bytes = FrameBytesTest.encode(frame);
        byte[] copy = ByteBufUtil.getBytes(bytes);
        bytes.release();
        return Unpooled.wrappedBuffer(copy);
    }
}
