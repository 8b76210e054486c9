package io.tidemark.nbd.protocol;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.netty.buffer.ByteBuf;
import io.netty.buffer.ByteBufUtil;
import io.netty.buffer.Unpooled;
import io.tidemark.nbd.Length;
import io.tidemark.nbd.NbdError;
import io.tidemark.nbd.Offset;
import io.tidemark.nbd.StatusCompletion.Allocation;
import io.tidemark.nbd.StatusCompletion.Run;
import io.tidemark.nbd.wire.Hex;
import java.util.List;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.MethodSource;

class ReplyEncoderTest {
    private static final long COOKIE = 0x1122334455667788L;
    private static final Request READ = new Request(Constants.CMD_READ, 0, COOKIE, 0x1000, 0x400, 0);
    private static final Request FLUSH = new Request(Constants.CMD_FLUSH, 0, COOKIE, 0, 0, 0);
    private static final Request STATUS = new Request(Constants.CMD_BLOCK_STATUS, 0, COOKIE, 0x1000, 0x400, 0);
    private static final List<Run> RUNS = List.of(
            new Run(new Length(0x200), Allocation.DATA),
            new Run(new Length(0x300), Allocation.ZERO),
            new Run(new Length(0xFFFF0000L), Allocation.HOLE));

    static Stream<Arguments> simple() {
        return Stream.of(
                Arguments.of(FLUSH, new Reply.Success(), Hex.bytes("67446698 # magic", "00000000", "1122334455667788")),
                Arguments.of(
                        FLUSH,
                        new Reply.Failure(NbdError.SHUTTING_DOWN),
                        Hex.bytes("67446698", "0000006C # NBD_ESHUTDOWN", "1122334455667788")),
                Arguments.of(
                        READ,
                        new Reply.FailureAt(NbdError.IO, new Offset(0x1200)),
                        Hex.bytes("67446698", "00000005 # NBD_EIO", "1122334455667788")),
                Arguments.of(
                        READ,
                        new Reply.Data(new Offset(0x1000), new Length(0x400), true),
                        Hex.bytes("67446698", "00000000 # the data follow", "1122334455667788")));
    }

    @ParameterizedTest
    @MethodSource("simple")
    void encodesSimpleReplies(Request request, Reply reply, byte[] bytes) {
        assertThat(encode(HeaderStyle.SIMPLE, request, reply)).isEqualTo(bytes);
    }

    static Stream<Arguments> structured() {
        return Stream.of(
                Arguments.of(
                        FLUSH,
                        new Reply.Success(),
                        Hex.bytes("67446698 # a simple one", "00000000", "1122334455667788")),
                Arguments.of(
                        READ,
                        new Reply.Success(),
                        Hex.bytes(
                                "668E33EF          # magic",
                                "0001              # NBD_REPLY_FLAG_DONE",
                                "0000              # NBD_REPLY_TYPE_NONE",
                                "1122334455667788",
                                "00000000")),
                Arguments.of(
                        READ,
                        new Reply.Data(new Offset(0x1200), new Length(0x100), false),
                        Hex.bytes(
                                "668E33EF",
                                "0000              # more chunks follow",
                                "0001              # NBD_REPLY_TYPE_OFFSET_DATA",
                                "1122334455667788",
                                "00000108          # offset and data",
                                "0000000000001200  # offset")),
                Arguments.of(
                        READ,
                        new Reply.Data(new Offset(0x1000), new Length(0x400), true),
                        Hex.bytes("668E33EF", "0001", "0001", "1122334455667788", "00000408", "0000000000001000")),
                Arguments.of(
                        FLUSH,
                        new Reply.Failure(NbdError.IO),
                        Hex.bytes(
                                "668E33EF",
                                "0001",
                                "8001              # NBD_REPLY_TYPE_ERROR",
                                "1122334455667788",
                                "00000018",
                                "00000005          # NBD_EIO",
                                "0012              # 18 bytes for people:",
                                "696E7075742F6F7574707574206572726F72")),
                Arguments.of(
                        READ,
                        new Reply.FailureAt(NbdError.IO, new Offset(0x1200)),
                        Hex.bytes(
                                "668E33EF",
                                "0001",
                                "8002              # NBD_REPLY_TYPE_ERROR_OFFSET",
                                "1122334455667788",
                                "00000020",
                                "00000005",
                                "0012",
                                "696E7075742F6F7574707574206572726F72",
                                "0000000000001200  # offset")),
                Arguments.of(
                        STATUS,
                        new Reply.Status(RUNS),
                        Hex.bytes(
                                "668E33EF",
                                "0001",
                                "0005              # NBD_REPLY_TYPE_BLOCK_STATUS",
                                "1122334455667788",
                                "0000001C",
                                "00000001          # base:allocation",
                                "00000200 00000000 # data",
                                "00000300 00000002 # NBD_STATE_ZERO",
                                "FFFF0000 00000003 # NBD_STATE_HOLE, NBD_STATE_ZERO")));
    }

    @ParameterizedTest
    @MethodSource("structured")
    void encodesStructuredReplies(Request request, Reply reply, byte[] bytes) {
        assertThat(encode(HeaderStyle.STRUCTURED, request, reply)).isEqualTo(bytes);
    }

    static Stream<Arguments> extended() {
        return Stream.of(
                Arguments.of(
                        FLUSH,
                        new Reply.Success(),
                        Hex.bytes(
                                "6E8A278C          # magic",
                                "0001              # NBD_REPLY_FLAG_DONE",
                                "0000              # NBD_REPLY_TYPE_NONE",
                                "1122334455667788",
                                "0000000000000000  # the offset of the request",
                                "0000000000000000  # no payload")),
                Arguments.of(
                        READ,
                        new Reply.Data(new Offset(0x1200), new Length(0x100), false),
                        Hex.bytes(
                                "6E8A278C",
                                "0000",
                                "0001              # NBD_REPLY_TYPE_OFFSET_DATA",
                                "1122334455667788",
                                "0000000000001000  # the offset of the request",
                                "0000000000000108",
                                "0000000000001200  # the offset of the data")),
                Arguments.of(
                        READ,
                        new Reply.Failure(NbdError.INVALID),
                        Hex.bytes(
                                "6E8A278C",
                                "0001",
                                "8001              # NBD_REPLY_TYPE_ERROR",
                                "1122334455667788",
                                "0000000000001000",
                                "0000000000000016",
                                "00000016          # NBD_EINVAL",
                                "0010              # 16 bytes for people:",
                                "696E76616C696420617267756D656E74")),
                Arguments.of(
                        STATUS,
                        new Reply.Status(List.of(new Run(new Length(1L << 40), Allocation.HOLE))),
                        Hex.bytes(
                                "6E8A278C",
                                "0001",
                                "0006              # NBD_REPLY_TYPE_BLOCK_STATUS_EXT",
                                "1122334455667788",
                                "0000000000001000",
                                "0000000000000018",
                                "00000001          # base:allocation",
                                "00000001          # one run",
                                "0000010000000000  # its length",
                                "00000000 00000003 # padding, NBD_STATE_HOLE, NBD_STATE_ZERO")));
    }

    @ParameterizedTest
    @MethodSource("extended")
    void encodesExtendedReplies(Request request, Reply reply, byte[] bytes) {
        assertThat(encode(HeaderStyle.EXTENDED, request, reply)).isEqualTo(bytes);
    }

    @Test
    void neverCutsALengthShort() {
        // Given
        Reply tooLong = new Reply.Status(List.of(new Run(new Length(1L << 32), Allocation.HOLE)));

        // When
        var encoding = assertThatThrownBy(() -> encode(HeaderStyle.STRUCTURED, STATUS, tooLong));

        // Then
        encoding.isInstanceOf(IllegalArgumentException.class);
    }

    private static byte[] encode(HeaderStyle style, Request request, Reply reply) {
        ByteBuf out = Unpooled.buffer();
        new ReplyEncoder(style).encode(request, reply, out);
        return ByteBufUtil.getBytes(out);
    }
}
