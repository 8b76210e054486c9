package io.tidemark.nbd.protocol;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.netty.buffer.ByteBuf;
import io.netty.buffer.Unpooled;
import io.tidemark.nbd.ExportName;
import io.tidemark.nbd.protocol.Option.InfoType;
import io.tidemark.nbd.wire.ClientBytes;
import io.tidemark.nbd.wire.Hex;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.MethodSource;

class OptionDecoderTest {
    private static final ExportName DISK = new ExportName("disk");

    private final OptionDecoder decoder = new OptionDecoder(64, 16);

    static Stream<Arguments> options() {
        return Stream.of(
                Arguments.of(
                        new Option.UseExport(DISK),
                        Hex.bytes(
                                "49484156454F5054  # IHAVEOPT",
                                "00000001          # NBD_OPT_EXPORT_NAME",
                                "00000004          # 4 bytes of data",
                                "6469736B          # disk")),
                Arguments.of(
                        new Option.UseExport(new ExportName("")),
                        Hex.bytes("49484156454F5054", "00000001", "00000000 # the default export")),
                Arguments.of(new Option.Abort(), Hex.bytes("49484156454F5054", "00000002 # NBD_OPT_ABORT", "00000000")),
                Arguments.of(
                        new Option.ListExports(), Hex.bytes("49484156454F5054", "00000003 # NBD_OPT_LIST", "00000000")),
                Arguments.of(
                        new Option.StartTls(),
                        Hex.bytes("49484156454F5054", "00000005 # NBD_OPT_STARTTLS", "00000000")),
                Arguments.of(
                        new Option.Info(DISK, Set.of(InfoType.BLOCK_SIZE)),
                        Hex.bytes(
                                "49484156454F5054",
                                "00000006          # NBD_OPT_INFO",
                                "0000000C",
                                "00000004 6469736B # the name",
                                "0001              # one request:",
                                "0003              # NBD_INFO_BLOCK_SIZE")),
                Arguments.of(
                        new Option.Go(DISK, Set.of()),
                        Hex.bytes(
                                "49484156454F5054",
                                "00000007          # NBD_OPT_GO",
                                "0000000A",
                                "00000004 6469736B # the name",
                                "0000              # no request")),
                Arguments.of(
                        new Option.StructuredReply(),
                        Hex.bytes("49484156454F5054", "00000008 # NBD_OPT_STRUCTURED_REPLY", "00000000")),
                Arguments.of(
                        new Option.ListMetaContexts(DISK, List.of()),
                        Hex.bytes(
                                "49484156454F5054",
                                "00000009          # NBD_OPT_LIST_META_CONTEXT",
                                "0000000C",
                                "00000004 6469736B # the name",
                                "00000000          # no query: all of them")),
                Arguments.of(
                        new Option.SetMetaContexts(DISK, List.of("base:", "x:y")),
                        Hex.bytes(
                                "49484156454F5054",
                                "0000000A          # NBD_OPT_SET_META_CONTEXT",
                                "0000001C",
                                "00000004 6469736B # the name",
                                "00000002          # two queries",
                                "00000005 626173653A",
                                "00000003 783A79")),
                Arguments.of(
                        new Option.ExtendedHeaders(),
                        Hex.bytes("49484156454F5054", "0000000B # NBD_OPT_EXTENDED_HEADERS", "00000000")),
                Arguments.of(
                        new Option.Unknown(0x1234),
                        Hex.bytes("49484156454F5054", "00001234 # nobody knows", "00000000")));
    }

    @ParameterizedTest
    @MethodSource("options")
    void decodesWhatAClientEncodes(Option option, byte[] bytes) {
        // Given
        ByteBuf in = Unpooled.wrappedBuffer(bytes);

        // When
        Optional<Option> decoded = decoder.decode(in);

        // Then
        assertThat(decoded).contains(option);
        assertThat(in.isReadable()).isFalse();
        assertThat(ClientBytes.option(option)).isEqualTo(bytes);
    }

    @ParameterizedTest
    @MethodSource("options")
    void readsNothingUntilAllIsThere(Option option, byte[] bytes) {
        for (int length = 0; length < bytes.length; length++) {
            // Given
            ByteBuf in = Unpooled.wrappedBuffer(bytes, 0, length);

            // When
            Optional<Option> decoded = decoder.decode(in);

            // Then
            assertThat(decoded).as("%s after %s bytes", option, length).isEmpty();
            assertThat(in.readableBytes()).isEqualTo(length);
        }
    }

    @ParameterizedTest
    @MethodSource("options")
    void refusesDataThatAreCutShort(Option option, byte[] bytes) {
        for (int length = 16; length < bytes.length; length++) {
            // Given
            ByteBuf in = Unpooled.copiedBuffer(bytes, 0, length);
            in.setInt(12, length - 16);

            // When
            Optional<Option> decoded = decoder.decode(in);

            // Then
            if (option instanceof Option.UseExport) {
                assertThat(decoded).get().isInstanceOf(Option.UseExport.class);
            } else {
                assertThat(decoded).get().isInstanceOfSatisfying(Option.Malformed.class, malformed -> {
                    assertThat(malformed.type()).isEqualTo(option.type());
                    assertThat(malformed.error()).isEqualTo(OptionError.INVALID);
                });
            }
        }
    }

    @ParameterizedTest
    @MethodSource("options")
    void refusesDataThatAreTooLong(Option option, byte[] bytes) {
        // Given
        ByteBuf in = Unpooled.buffer().writeBytes(bytes).writeByte(0x41);
        in.setInt(12, in.getInt(12) + 1);

        // When
        Optional<Option> decoded = decoder.decode(in);

        // Then
        switch (option) {
            case Option.UseExport use -> assertThat(decoded).get().isInstanceOf(Option.UseExport.class);
            case Option.Abort abort -> assertThat(decoded).contains(abort);
            case Option.Unknown unknown -> assertThat(decoded).contains(unknown);
            default -> assertThat(decoded).get().isInstanceOf(Option.Malformed.class);
        }
        assertThat(in.isReadable()).isFalse();
    }

    static Stream<Arguments> malformed() {
        return Stream.of(
                Arguments.of(
                        "a name longer than the data", OptionError.INVALID, Hex.bytes("00000006", "6469736B 0000")),
                Arguments.of("a name of 4 GiB", OptionError.TOO_BIG, Hex.bytes("FFFFFFFF", "6469736B 0000")),
                Arguments.of(
                        "a name longer than allowed",
                        OptionError.TOO_BIG,
                        Hex.bytes("00000011", "4141414141414141 4141414141414141 41", "0000")),
                Arguments.of("a NUL in the name", OptionError.INVALID, Hex.bytes("00000002", "4100", "0000")),
                Arguments.of("a name that is not UTF-8", OptionError.INVALID, Hex.bytes("00000002", "C328", "0000")),
                Arguments.of("more requests than data", OptionError.INVALID, Hex.bytes("00000001", "41", "FFFF 0003")),
                Arguments.of("no data at all", OptionError.INVALID, new byte[0]));
    }

    @ParameterizedTest(name = "{0}")
    @MethodSource("malformed")
    void refusesDataThatMakeNoSense(String what, OptionError error, byte[] data) {
        // Given
        ByteBuf in = Unpooled.wrappedBuffer(ClientBytes.option(7, data));

        // When
        Optional<Option> decoded = decoder.decode(in);

        // Then
        assertThat(decoded).get().isInstanceOfSatisfying(Option.Malformed.class, malformed -> {
            assertThat(malformed.error()).as(what).isEqualTo(error);
        });
        assertThat(in.isReadable()).isFalse();
    }

    @Test
    void refusesFourBillionQueries() {
        // Given
        byte[] data = Hex.bytes("00000004 6469736B", "FFFFFFFF # queries", "00000000 # an empty one");
        ByteBuf in = Unpooled.wrappedBuffer(ClientBytes.option(10, data));

        // When
        Optional<Option> decoded = decoder.decode(in);

        // Then
        assertThat(decoded).get().isInstanceOf(Option.Malformed.class);
    }

    @Test
    void ignoresInformationItDoesNotKnow() {
        // Given
        byte[] data =
                Hex.bytes("00000004 6469736B", "0003", "0000 # NBD_INFO_EXPORT", "00FF # ?", "0001 # NBD_INFO_NAME");
        ByteBuf in = Unpooled.wrappedBuffer(ClientBytes.option(7, data));

        // When
        Optional<Option> decoded = decoder.decode(in);

        // Then
        assertThat(decoded).contains(new Option.Go(DISK, Set.of(InfoType.NAME)));
    }

    @Test
    void leavesTheDataOfAnOversizedOption() {
        // Given
        ByteBuf in = Unpooled.wrappedBuffer(Hex.bytes("49484156454F5054", "00000007", "FFFFFFFF", "0102"));

        // When
        Optional<Option> decoded = decoder.decode(in);

        // Then
        assertThat(decoded).contains(new Option.Oversized(7, 0xFFFFFFFFL));
        assertThat(in.readableBytes()).isEqualTo(2);
    }

    @Test
    void endsWithAClientThatDoesNotSpeakTheProtocol() {
        // Given
        ByteBuf in =
                Unpooled.wrappedBuffer("GET / HTTP/1.1\r\n\r\n".getBytes(java.nio.charset.StandardCharsets.US_ASCII));

        // When
        var decoding = assertThatThrownBy(() -> decoder.decode(in));

        // Then
        decoding.isInstanceOf(ProtocolViolation.class);
    }
}
