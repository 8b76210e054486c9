package io.tidemark.link.protocol;

import static org.assertj.core.api.Assertions.assertThat;

import io.netty.buffer.ByteBuf;
import io.netty.buffer.Unpooled;
import io.netty.buffer.UnpooledByteBufAllocator;
import io.tidemark.link.Comparison;
import io.tidemark.link.Credit;
import io.tidemark.link.Destination;
import io.tidemark.link.ErrorCode;
import io.tidemark.link.LinkSettings;
import io.tidemark.link.OutgoingRange;
import io.tidemark.link.SiteName;
import io.tidemark.resync.DirtyBlocks;
import io.tidemark.volume.Digests;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Locale;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;

/** docs/protocol.md and the code say the same. */
class ProtocolDocumentTest {

    private static final Path DOCUMENT = Path.of("..", "docs", "protocol.md");

    private final List<String> lines;
    private final String prose;

    ProtocolDocumentTest() throws IOException {
        lines = Files.readAllLines(DOCUMENT);
        prose = String.join(" ", lines).replaceAll("\\s+", " ");
    }

    @Test
    void framesBeginAsTheTableSays() {
        List<List<String>> rows = table("## 2. Frames");

        assertThat(column(rows, 0)).containsExactly("0", "4", "5", "6", "8", "12");
        assertThat(Constants.TYPE_AT).isEqualTo(offset(rows, "type"));
        assertThat(Constants.ZERO_BYTE_AT).isEqualTo(5);
        assertThat(Constants.ZERO_SHORT_AT).isEqualTo(6);
        assertThat(Constants.BODY_BYTES_AT).isEqualTo(offset(rows, "length of the body"));
        assertThat(Constants.CRC_AT).isEqualTo(offset(rows, "CRC32C of bytes 0 to 11"));
        assertThat(Constants.FRAME_HEADER_BYTES).isEqualTo(sum(column(rows, 1)));
        assertThat(rows.getFirst().get(2)).isEqualTo("magic `TML1`");
        assertThat(Unpooled.buffer().writeIntLE(Constants.MAGIC).toString(StandardCharsets.US_ASCII))
                .isEqualTo("TML1");
    }

    @Test
    void typesHaveTheNumbersOfTheTable() {
        List<List<String>> rows = table("| Type | Name | From | Phase |");

        assertThat(column(rows, 0))
                .isEqualTo(Stream.of(FrameType.values())
                        .map(type -> Integer.toString(type.number()))
                        .toList());
        assertThat(column(rows, 1))
                .isEqualTo(Stream.of(FrameType.values()).map(FrameType::name).toList());
    }

    @Test
    void errorCodesHaveTheNumbersOfTheTable() {
        List<List<String>> rows = table("| Code | Name | Meaning |");

        assertThat(column(rows, 0))
                .isEqualTo(Stream.of(ErrorCode.values())
                        .map(code -> Integer.toString(code.number()))
                        .toList());
        assertThat(column(rows, 1))
                .isEqualTo(Stream.of(ErrorCode.values())
                        .map(code -> code.name().toLowerCase(Locale.ROOT).replace('_', ' '))
                        .toList());
    }

    @Test
    void messagesHaveTheFieldsOfTheirTables() {
        assertThat(fields("**HELLO**", Samples.HELLO))
                .containsExactly(
                        "1",
                        "3",
                        "1817161514131211 2827262524232221",
                        "north",
                        "3837363534333231 4847464544434241",
                        "9192",
                        "5152535455565758",
                        "3",
                        "4");
        assertThat(fields("**WELCOME**", Samples.WELCOME))
                .containsExactly(
                        "1",
                        "1817161514131211 2827262524232221",
                        "north",
                        "102030405060708",
                        "61626364",
                        "7172737475767778",
                        "4000000");
        assertThat(fields("**START**", Samples.START)).containsExactly("102030405060709");
        assertThat(fields("**ACK**", Samples.ACK)).containsExactly("203", "202", "201", "4000000");
        assertThat(fields("**TERM**", Samples.TERM))
                .containsExactly(
                        "3837363534333231 4847464544434241",
                        "203",
                        "north",
                        "5",
                        "102030405060708",
                        "1817161514131211 2827262524232221",
                        "3837363534333231 4847464544434241",
                        "61626364");
        assertThat(fields("**COMPARE**", Samples.COMPARE))
                .containsExactly(
                        "405",
                        "102030405060708",
                        "1817161514131211 2827262524232221",
                        "10000",
                        "200",
                        "thirty-two bytes of a block's su");
        assertThat(fields("**EQUAL**", Samples.EQUAL)).containsExactly("405", "8000000000000001");
        assertThat(fields("**ERROR**", Samples.FAILURE)).containsExactly("5", "gone é");
    }

    @Test
    void rangesHaveTheFieldsOfTheirTable() {
        ByteBuf frame = Encoder.encode(Samples.RANGE, UnpooledByteBufAllocator.DEFAULT);
        List<String> sizes = column(table("**RANGE**"), 0);

        assertThat(sizes.subList(8, sizes.size())).containsExactly("", "4", "");
        assertThat(read(frame, sizes.subList(0, 8)))
                .containsExactly("5152535455565758", "102030405060709", "10203040506070a", "2", "305", "1", "0", "0");
        assertThat(Constants.RANGE_FIELDS_BYTES).isEqualTo(sum(sizes.subList(0, 8)) + Constants.CRC_BYTES);
        frame.release();
    }

    @Test
    void limitsAreThoseOfTheText() {
        assertThat(prose)
                .contains("at most " + (Constants.BODY_BYTES_MAX >> 20) + " MiB; of any type but RANGE at most "
                        + (Constants.CONTROL_BODY_BYTES_MAX >> 10) + " KiB")
                .contains("uncompressed; at most " + (Constants.RANGE_BYTES_MAX >> 20) + " MiB")
                .contains("connections of the session, 1 to " + Constants.CONNECTIONS_MAX)
                .contains("A site name is 1 to " + SiteName.BYTES_MAX + " bytes")
                .contains("at least " + (Credit.BYTES_MIN >> 20) + " MiB")
                .contains("uncompressed, and " + Credit.RANGE_BYTES + " more for itself")
                .contains("blocks of " + (Comparison.BLOCK_BYTES >> 10) + " KiB")
                .contains("up to " + Comparison.BLOCKS_MAX + " blocks")
                .contains("more than " + Comparison.UNANSWERED_MAX + " questions")
                .contains("this page is version " + Constants.VERSION);
        assertThat(Comparison.BLOCK_BYTES).isEqualTo(DirtyBlocks.BLOCK_BYTES);
        assertThat(Comparison.DIGEST_BYTES).isEqualTo(Digests.BYTES);
        assertThat(OutgoingRange.BYTES_MAX).isEqualTo(Constants.RANGE_BYTES_MAX);
        assertThat(Destination.CONNECTIONS_MAX).isEqualTo(Constants.CONNECTIONS_MAX);
        assertThat(Credit.cost(Constants.RANGE_BYTES_MAX)).isLessThanOrEqualTo((int) Credit.BYTES_MIN);
    }

    @Test
    void timesAreThoseOfTheText() {
        LinkSettings.Timeouts timeouts = LinkSettings.Timeouts.DEFAULTS;

        assertThat(prose)
                .contains("over within " + timeouts.handshake().toSeconds() + " seconds")
                .contains("sends PING after " + timeouts.pingAfter().toSeconds() + " seconds")
                .contains("ends the session after " + timeouts.endAfter().toSeconds() + " in which")
                .contains("for " + timeouts.linger().toSeconds() + " seconds at most");
    }

    /** The fields of a message's body, cut as its table says. */
    private List<String> fields(String title, Message message) {
        ByteBuf frame = Encoder.encode(message, UnpooledByteBufAllocator.DEFAULT);
        List<String> fields = read(frame, column(table(title), 0));
        assertThat(frame.readableBytes()).as(title).isEqualTo(Constants.CRC_BYTES);
        frame.release();
        return fields;
    }

    private static List<String> read(ByteBuf frame, List<String> sizes) {
        frame.skipBytes(Constants.FRAME_HEADER_BYTES);
        List<String> fields = new ArrayList<>();
        for (String size : sizes) {
            fields.add(
                    switch (size) {
                        case "1" -> Integer.toHexString(frame.readUnsignedByte());
                        case "2" -> Integer.toHexString(frame.readUnsignedShortLE());
                        case "4" -> Integer.toHexString(frame.readIntLE());
                        case "8" -> Long.toHexString(frame.readLongLE());
                        case "16" -> Long.toHexString(frame.readLong()) + " " + Long.toHexString(frame.readLong());
                        case "32 each" -> frame.readSlice(32).toString(StandardCharsets.US_ASCII);
                        case "string" ->
                            frame.readSlice(frame.readUnsignedShortLE()).toString(StandardCharsets.UTF_8);
                        default -> throw new AssertionError("field of " + size + " bytes");
                    });
        }
        return fields;
    }

    /** The cells of the first table at or behind the line that begins with {@code title}. */
    private List<List<String>> table(String title) {
        List<List<String>> rows = lines.stream()
                .dropWhile(line -> !line.startsWith(title))
                .dropWhile(line -> !line.startsWith("|"))
                .takeWhile(line -> line.startsWith("|"))
                .skip(2)
                .map(line -> Arrays.stream(line.substring(1).split("\\|", -1))
                        .map(String::strip)
                        .toList())
                .toList();
        assertThat(rows).as(title).isNotEmpty();
        return rows;
    }

    private static List<String> column(List<List<String>> rows, int column) {
        return rows.stream().map(row -> row.get(column)).toList();
    }

    private static int sum(List<String> numbers) {
        return numbers.stream().mapToInt(Integer::parseInt).sum();
    }

    private static int offset(List<List<String>> rows, String field) {
        return rows.stream()
                .filter(row -> row.get(2).startsWith(field))
                .mapToInt(row -> Integer.parseInt(row.getFirst()))
                .findFirst()
                .orElseThrow();
    }
}
