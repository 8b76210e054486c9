package io.tidemark.nbd.protocol;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.netty.buffer.ByteBuf;
import io.netty.buffer.Unpooled;
import io.tidemark.nbd.BlockSizes;
import io.tidemark.nbd.ExportName;
import io.tidemark.nbd.Length;
import io.tidemark.nbd.NbdError;
import io.tidemark.nbd.Offset;
import io.tidemark.nbd.protocol.Option.InfoType;
import io.tidemark.nbd.protocol.OptionReplyDecoder.Answer;
import io.tidemark.nbd.protocol.OptionReplyDecoder.Greeting;
import io.tidemark.nbd.protocol.ReplyDecoder.Chunk;
import io.tidemark.nbd.protocol.ReplyDecoder.Content;
import io.tidemark.nbd.protocol.ReplyDecoder.Simple;
import io.tidemark.nbd.wire.ClientBytes;
import io.tidemark.nbd.wire.Hex;
import java.util.EnumSet;
import java.util.List;
import java.util.Set;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;
import org.junit.jupiter.params.provider.MethodSource;

/** What one side writes, the other one reads. */
class RoundTripTest {
    private static final ExportName NAME = new ExportName("dïsk");
    private static final Request READ = new Request(Constants.CMD_READ, 0, 7, 1L << 40, 512, 0);

    static Stream<Option> options() {
        return Stream.of(
                new Option.Abort(),
                new Option.ListExports(),
                new Option.StartTls(),
                new Option.StructuredReply(),
                new Option.ExtendedHeaders(),
                new Option.UseExport(NAME),
                new Option.Info(NAME, Set.of()),
                new Option.Go(NAME, EnumSet.allOf(InfoType.class)),
                new Option.ListMetaContexts(NAME, List.of()),
                new Option.SetMetaContexts(NAME, List.of("base:allocation", "ä:b")));
    }

    @ParameterizedTest
    @MethodSource("options")
    void optionsAreReadAsTheyWereWritten(Option option) {
        // When
        ByteBuf bytes = Unpooled.buffer();
        OptionEncoder.option(option, bytes);

        // Then
        assertThat(bytes).isEqualTo(Unpooled.wrappedBuffer(ClientBytes.option(option)));
        assertThat(new OptionDecoder(1 << 16, 4096).decode(bytes)).contains(option);
    }

    static Stream<OptionReply> optionReplies() {
        return Stream.of(
                new OptionReply.Ack(),
                new OptionReply.Server(NAME, "words"),
                new OptionReply.InfoExport(new Length(Long.MAX_VALUE), 0xFFFF),
                new OptionReply.InfoName(NAME),
                new OptionReply.InfoDescription(""),
                new OptionReply.InfoBlockSizes(BlockSizes.STANDARD),
                new OptionReply.MetaContext(1, "base:allocation"),
                new OptionReply.Refused(OptionError.TOO_BIG, "too long"));
    }

    @ParameterizedTest
    @MethodSource("optionReplies")
    void optionRepliesAreReadAsTheyWereWritten(OptionReply reply) {
        // Given
        ByteBuf bytes = Unpooled.buffer();
        OptionReplyEncoder.reply(Constants.OPT_GO, reply, bytes);

        // Then nothing is read until all is there
        for (int length = 0; length < bytes.readableBytes(); length++) {
            ByteBuf part = bytes.slice(0, length);
            assertThat(OptionReplyDecoder.decode(part)).isEmpty();
            assertThat(part.readerIndex()).isZero();
        }
        assertThat(OptionReplyDecoder.decode(bytes)).contains(new Answer(Constants.OPT_GO, reply));
    }

    @Test
    void theGreetingIsReadAsItWasWritten() {
        ByteBuf bytes = Unpooled.buffer();
        OptionReplyEncoder.greeting(bytes);
        assertThat(OptionReplyDecoder.greeting(bytes.slice(0, 17))).isEmpty();
        assertThat(OptionReplyDecoder.greeting(bytes)).contains(new Greeting(true, true));
    }

    @Test
    void whatALaterServerTellsIsSkipped() {
        // Given something unknown about the export, then the end of the list
        ByteBuf bytes = Unpooled.wrappedBuffer(
                Hex.bytes("0003e889045565a9", "00000007", "00000003", "00000004", "0063", "abcd"),
                Hex.bytes("0003e889045565a9", "00000007", "00000001", "00000000"));

        // Then
        assertThat(OptionReplyDecoder.decode(bytes)).contains(new Answer(7, new OptionReply.Ack()));
    }

    @Test
    void anErrorOfALaterServerIsARefusal() {
        ByteBuf bytes =
                Unpooled.wrappedBuffer(Hex.bytes("0003e889045565a9", "00000007", "80000063", "00000002", "6e6f # no"));
        assertThat(OptionReplyDecoder.decode(bytes))
                .contains(new Answer(7, new OptionReply.Refused(OptionError.UNSUPPORTED, "error 99: no")));
    }

    static Stream<byte[]> nonsense() {
        return Stream.of(
                Hex.bytes("0003e889045565a8", "00000007", "00000001", "00000000 # not the magic"),
                Hex.bytes("0003e889045565a9", "00000007", "00000001", "7fffffff # longer than anything"),
                Hex.bytes("0003e889045565a9", "00000007", "00000063", "00000000 # unknown, and not an error"),
                Hex.bytes("0003e889045565a9", "00000007", "00000003", "00000001", "00 # half a type"),
                Hex.bytes("0003e889045565a9", "00000007", "00000003", "00000004", "0000 0000 # half a size"),
                Hex.bytes(
                        "0003e889045565a9",
                        "00000007",
                        "00000003",
                        "0000000c",
                        "0000 ffffffffffffffff 0001 # a size < 0"),
                Hex.bytes("0003e889045565a9", "00000007", "00000002", "00000004", "7fffffff # a name longer than all"));
    }

    @ParameterizedTest
    @MethodSource("nonsense")
    void anOptionReplyWithoutSenseIsAViolation(byte[] bytes) {
        assertThatThrownBy(() -> OptionReplyDecoder.decode(Unpooled.wrappedBuffer(bytes)))
                .isInstanceOf(ProtocolViolation.class);
    }

    @Test
    void requestsAreReadAsTheyWereWritten() {
        ByteBuf bytes = Unpooled.buffer();
        RequestEncoder.encode(READ, bytes);
        assertThat(new RequestDecoder(HeaderStyle.STRUCTURED).decode(bytes)).contains(READ);
        assertThatThrownBy(() -> RequestEncoder.encode(new Request(0, 0, 1, 0, 1L << 32, 0), Unpooled.buffer()))
                .isInstanceOf(IllegalArgumentException.class);
    }

    @ParameterizedTest
    @EnumSource(names = {"SIMPLE", "STRUCTURED"})
    void headsOfRepliesAreReadAsTheyWereWritten(HeaderStyle style) {
        // Given
        ReplyEncoder encoder = new ReplyEncoder(style);
        ByteBuf bytes = Unpooled.buffer();

        // When
        encoder.encode(READ, new Reply.Data(new Offset(READ.offset()), new Length(512), true), bytes);

        // Then
        for (int length = 0; length < 16; length++) {
            assertThat(ReplyDecoder.decode(bytes.slice(0, length))).isEmpty();
        }
        assertThat(ReplyDecoder.decode(bytes))
                .contains(style == HeaderStyle.SIMPLE ? new Simple(7, 0) : new Chunk(7, Content.DATA, true, 520));
    }

    @Test
    void errorsAreReadAsTheyWereWritten() {
        // Given
        ByteBuf simple = Unpooled.buffer();
        ByteBuf chunk = Unpooled.buffer();

        // When
        new ReplyEncoder(HeaderStyle.SIMPLE).encode(READ, new Reply.Failure(NbdError.NO_SPACE), simple);
        new ReplyEncoder(HeaderStyle.STRUCTURED).encode(READ, new Reply.Failure(NbdError.NO_SPACE), chunk);

        // Then
        assertThat(ReplyDecoder.decode(simple)).contains(new Simple(7, 28));
        assertThat(ReplyDecoder.decode(chunk))
                .hasValueSatisfying(head -> assertThat(head).isInstanceOf(Chunk.class));
        assertThat(ReplyDecoder.error(chunk)).isEqualTo(28);
    }

    @Test
    void whatIsNoReplyIsAViolation() {
        assertThatThrownBy(() -> ReplyDecoder.decode(Unpooled.wrappedBuffer(new byte[16])))
                .isInstanceOf(ProtocolViolation.class);
    }
}
