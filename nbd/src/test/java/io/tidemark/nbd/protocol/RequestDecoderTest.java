package io.tidemark.nbd.protocol;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.netty.buffer.ByteBuf;
import io.netty.buffer.Unpooled;
import io.tidemark.nbd.wire.ClientBytes;
import io.tidemark.nbd.wire.Hex;
import java.util.Optional;
import java.util.stream.Stream;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.EnumSource;
import org.junit.jupiter.params.provider.MethodSource;

class RequestDecoderTest {
    static Stream<Arguments> requests() {
        return Stream.of(
                Arguments.of(
                        HeaderStyle.SIMPLE,
                        new Request(Constants.CMD_WRITE, Constants.CMD_FLAG_FUA, 0x1122334455667788L, 4096, 512, 512),
                        Hex.bytes(
                                "25609513          # magic",
                                "0001              # NBD_CMD_FLAG_FUA",
                                "0001              # NBD_CMD_WRITE",
                                "1122334455667788  # cookie",
                                "0000000000001000  # offset",
                                "00000200          # length")),
                Arguments.of(
                        HeaderStyle.STRUCTURED,
                        new Request(Constants.CMD_READ, 0, -1, 1L << 40, 0xFFFFFFFFL, 0),
                        Hex.bytes(
                                "25609513",
                                "0000              # no flags",
                                "0000              # NBD_CMD_READ",
                                "FFFFFFFFFFFFFFFF  # cookie",
                                "0000010000000000  # offset",
                                "FFFFFFFF          # length, unsigned")),
                Arguments.of(
                        HeaderStyle.EXTENDED,
                        new Request(Constants.CMD_WRITE_ZEROES, 0, 7, 0, 1L << 40, 0),
                        Hex.bytes(
                                "21E41C71          # magic of extended requests",
                                "0000              # no flags, hence no payload",
                                "0006              # NBD_CMD_WRITE_ZEROES",
                                "0000000000000007  # cookie",
                                "0000000000000000  # offset",
                                "0000010000000000  # length")),
                Arguments.of(
                        HeaderStyle.EXTENDED,
                        new Request(Constants.CMD_WRITE, Constants.CMD_FLAG_PAYLOAD_LEN, 7, 0, 1, 1),
                        Hex.bytes(
                                "21E41C71",
                                "0020              # NBD_CMD_FLAG_PAYLOAD_LEN",
                                "0001              # NBD_CMD_WRITE",
                                "0000000000000007",
                                "0000000000000000",
                                "0000000000000001  # length of the payload")),
                Arguments.of(
                        HeaderStyle.EXTENDED,
                        new Request(0xFFFF, 0xFFFF, -1, -1, -1, -1),
                        Hex.bytes("21E41C71", "FF".repeat(28))));
    }

    @ParameterizedTest
    @MethodSource("requests")
    void decodesWhatAClientEncodes(HeaderStyle style, Request request, byte[] bytes) {
        // Given
        ByteBuf in = Unpooled.wrappedBuffer(bytes);

        // When
        Optional<Request> decoded = new RequestDecoder(style).decode(in);

        // Then
        assertThat(decoded).contains(request);
        assertThat(in.isReadable()).isFalse();
        assertThat(ClientBytes.request(style, request)).isEqualTo(bytes);
    }

    @ParameterizedTest
    @MethodSource("requests")
    void readsNothingUntilAllIsThere(HeaderStyle style, Request request, byte[] bytes) {
        for (int length = 0; length < bytes.length; length++) {
            // Given
            ByteBuf in = Unpooled.wrappedBuffer(bytes, 0, length);

            // When
            Optional<Request> decoded = new RequestDecoder(style).decode(in);

            // Then
            assertThat(decoded).as("%s after %s bytes", request, length).isEmpty();
            assertThat(in.readableBytes()).isEqualTo(length);
        }
    }

    @ParameterizedTest
    @MethodSource("requests")
    void leavesThePayload(HeaderStyle style, Request request, byte[] bytes) {
        // Given
        ByteBuf in = Unpooled.wrappedBuffer(bytes, new byte[] {1, 2, 3});

        // When
        new RequestDecoder(style).decode(in);

        // Then
        assertThat(in.readableBytes()).as("after %s", request).isEqualTo(3);
    }

    @ParameterizedTest
    @EnumSource
    void endsWithAClientThatDoesNotSpeakTheProtocol(HeaderStyle style) {
        // Given
        byte[] otherStyle = style == HeaderStyle.EXTENDED ? Hex.bytes("25609513") : Hex.bytes("21E41C71");
        ByteBuf in = Unpooled.wrappedBuffer(otherStyle, new byte[28]);

        // When
        var decoding = assertThatThrownBy(() -> new RequestDecoder(style).decode(in));

        // Then
        decoding.isInstanceOf(ProtocolViolation.class);
    }
}
