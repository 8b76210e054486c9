package io.tidemark.nbd.protocol;

import static org.assertj.core.api.Assertions.assertThat;

import io.netty.buffer.ByteBuf;
import io.netty.buffer.ByteBufUtil;
import io.netty.buffer.Unpooled;
import io.tidemark.nbd.BlockSizes;
import io.tidemark.nbd.ExportName;
import io.tidemark.nbd.Length;
import io.tidemark.nbd.wire.Hex;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.MethodSource;

class OptionReplyEncoderTest {
    private final ByteBuf out = Unpooled.buffer();

    static Stream<Arguments> replies() {
        return Stream.of(
                Arguments.of(
                        new OptionReply.Ack(),
                        Hex.bytes(
                                "0003E889045565A9  # magic of replies",
                                "00000007          # to NBD_OPT_GO",
                                "00000001          # NBD_REP_ACK",
                                "00000000          # no data")),
                Arguments.of(
                        new OptionReply.Server(new ExportName("a"), "bc"),
                        Hex.bytes(
                                "0003E889045565A9",
                                "00000007",
                                "00000002          # NBD_REP_SERVER",
                                "00000007",
                                "00000001 61       # the name",
                                "6263              # the description")),
                Arguments.of(
                        new OptionReply.InfoExport(new Length(0x123456789AL), 0x0D6D),
                        Hex.bytes(
                                "0003E889045565A9",
                                "00000007",
                                "00000003          # NBD_REP_INFO",
                                "0000000C",
                                "0000              # NBD_INFO_EXPORT",
                                "000000123456789A  # the size",
                                "0D6D              # the transmission flags")),
                Arguments.of(
                        new OptionReply.InfoName(new ExportName("ab")),
                        Hex.bytes(
                                "0003E889045565A9",
                                "00000007",
                                "00000003",
                                "00000004",
                                "0001 # NBD_INFO_NAME",
                                "6162")),
                Arguments.of(
                        new OptionReply.InfoDescription("c"),
                        Hex.bytes(
                                "0003E889045565A9",
                                "00000007",
                                "00000003",
                                "00000003",
                                "0002              # NBD_INFO_DESCRIPTION",
                                "63")),
                Arguments.of(
                        new OptionReply.InfoBlockSizes(BlockSizes.STANDARD),
                        Hex.bytes(
                                "0003E889045565A9",
                                "00000007",
                                "00000003",
                                "0000000E",
                                "0003              # NBD_INFO_BLOCK_SIZE",
                                "00000001          # minimum",
                                "00001000          # preferred",
                                "02000000          # maximum")),
                Arguments.of(
                        new OptionReply.MetaContext(1, "base:allocation"),
                        Hex.bytes(
                                "0003E889045565A9",
                                "00000007",
                                "00000004          # NBD_REP_META_CONTEXT",
                                "00000013",
                                "00000001          # its number",
                                "626173653A616C6C6F636174696F6E")),
                Arguments.of(
                        new OptionReply.Refused(OptionError.UNSUPPORTED, "no"),
                        Hex.bytes(
                                "0003E889045565A9",
                                "00000007",
                                "80000001          # NBD_REP_ERR_UNSUP",
                                "00000002",
                                "6E6F")));
    }

    @ParameterizedTest
    @MethodSource("replies")
    void encodes(OptionReply reply, byte[] bytes) {
        // When
        OptionReplyEncoder.reply(Constants.OPT_GO, reply, out);

        // Then
        assertThat(ByteBufUtil.getBytes(out)).isEqualTo(bytes);
    }

    @Test
    void numbersTheErrorsAsTheProtocolDoes() {
        assertThat(Stream.of(OptionError.values()).map(OptionError::replyType))
                .containsExactly(
                        0x80000001, 0x80000002, 0x80000003, 0x80000005, 0x80000006, 0x80000007, 0x80000009, 0x8000000A);
    }

    @Test
    void greets() {
        // When
        OptionReplyEncoder.greeting(out);

        // Then
        assertThat(ByteBufUtil.getBytes(out))
                .isEqualTo(Hex.bytes(
                        "4E42444D41474943  # NBDMAGIC",
                        "49484156454F5054  # IHAVEOPT",
                        "0003              # fixed newstyle, no zeroes"));
    }

    @Test
    void padsTheOldWayToUseAnExport() {
        // When
        OptionReplyEncoder.exportName(
                new OptionReply.InfoExport(new Length(512), 5), new ClientFlags(true, false), out);

        // Then
        assertThat(ByteBufUtil.getBytes(out))
                .isEqualTo(Hex.bytes("0000000000000200 # the size", "0005 # the flags", "00".repeat(124)));
    }

    @Test
    void doesNotPadForAClientThatDoesWithout() {
        // When
        OptionReplyEncoder.exportName(new OptionReply.InfoExport(new Length(512), 5), new ClientFlags(true, true), out);

        // Then
        assertThat(ByteBufUtil.getBytes(out)).isEqualTo(Hex.bytes("0000000000000200", "0005"));
    }
}
