package io.tidemark.journal.segment;

import static org.assertj.core.api.Assertions.assertThat;

import io.tidemark.journal.Entry;
import io.tidemark.journal.Epoch;
import io.tidemark.journal.Extent;
import io.tidemark.journal.Incarnation;
import io.tidemark.journal.JournalId;
import io.tidemark.journal.JournalRecord;
import io.tidemark.journal.Range;
import io.tidemark.journal.Sequence;
import io.tidemark.journal.Side;
import io.tidemark.journal.StreamId;
import io.tidemark.journal.VmId;
import io.tidemark.journal.format.RangeFormat;
import io.tidemark.journal.format.RecordEncoder;
import io.tidemark.journal.format.RecordFormat;
import io.tidemark.journal.log.JournalSettings;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.UUID;
import java.util.zip.CRC32C;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** docs/journal.md and the code say the same. */
class JournalDocumentTest {

    private static final Path DOCUMENT = Path.of("..", "docs", "journal.md");

    private static final UUID ID = new UUID(0x1111111111111111L, 0x2222222222222222L);
    private static final UUID BOOT = new UUID(0x3333333333333333L, 0x4444444444444444L);
    private static final StreamId STREAM = new StreamId(ID);
    private static final long KIB = 1L << 10;
    private static final long MIB = 1L << 20;
    private static final long GIB = 1L << 30;

    @TempDir
    Path temporary;

    private final List<String> lines;

    JournalDocumentTest() throws IOException {
        lines = Files.readAllLines(DOCUMENT);
    }

    @Test
    void theHeaderOfASegmentHasTheFieldsOfItsTable() {
        ByteBuffer bytes = new SegmentHeader(new JournalId(ID), 7, new Incarnation(9), BOOT).encode();

        assertThat(fields("**Segment header**, " + SegmentHeader.BYTES + " bytes", bytes))
                .containsExactly(
                        "TMS1",
                        "1",
                        "0",
                        "1111111111111111 2222222222222222",
                        "7",
                        "9",
                        "3333333333333333 4444444444444444",
                        "0",
                        checksum(bytes.slice(0, 60)));
    }

    @Test
    void aRecordHasTheFieldsOfItsTable() {
        ByteBuffer payload = ByteBuffer.wrap(new byte[] {1, 2, 3});
        RecordEncoder encoder = new RecordEncoder();
        encoder.encode(
                new Sequence(5), 0x123456789L, new Entry.Write(STREAM, new Epoch(6), 0x1000, payload.duplicate()));
        ByteBuffer header = encoder.header();

        assertThat(fields("**Record**, " + RecordFormat.HEADER_BYTES + " bytes and the payload", header))
                .containsExactly(
                        "TMR1",
                        "1",
                        "1",
                        "0",
                        "5",
                        "1111111111111111 2222222222222222",
                        "6",
                        "1000",
                        "3",
                        "123456789",
                        "3",
                        checksum(header.slice(0, 68), payload));
    }

    @Test
    void typesHaveTheNumbersOfTheirTable() {
        StringBuilder written = new StringBuilder();
        RecordEncoder encoder = new RecordEncoder();
        for (Entry each : oneOfEach()) {
            encoder.encode(new Sequence(1), 0, each);
            written.append(encoder.header().get(RecordFormat.TYPE_AT))
                    .append(' ')
                    .append(name(each))
                    .append('\n');
        }
        StringBuilder documented = new StringBuilder();
        for (List<String> row : table("| Type | Name | Meaning |")) {
            documented.append(row.get(0)).append(' ').append(row.get(1)).append('\n');
        }

        assertThat(written).hasToString(documented.toString());
    }

    @Test
    void flagsAndSidesHaveTheNumbersOfTheText() {
        assertThat(cell("| Type | Name | Meaning |", "zero")).contains("Flag " + RecordFormat.FLAG_KEEP_ALLOCATED);
        assertThat(cell("| Type | Name | Meaning |", "copy begin"))
                .contains("`length` " + RecordFormat.code(Side.INTAKE) + ": by the source (intake)")
                .contains(RecordFormat.code(Side.SHIP) + ": by the appliance (ship)");
        assertThat(DOCUMENT)
                .content()
                .contains("Flag " + RecordFormat.FLAG_COPIED + " marks a copy")
                .contains("flag " + RecordFormat.FLAG_LEFT_OUT + " a change that is left out");
    }

    @Test
    void aRangeHasTheFieldsOfItsTable() {
        ByteBuffer header =
                RangeFormat.header(new Range(new Sequence(5), new Sequence(7), 3, ByteBuffer.allocate(300)));

        assertThat(header.remaining()).isEqualTo(RangeFormat.HEADER_BYTES);
        assertThat(fields("**Range**", header))
                .containsExactly("TMG1", "1", "0", "0", "5", "7", "3", "0", "12c", checksum(header.slice(0, 36)));
    }

    @Test
    void anIndexHasTheFieldsAndSectionsOfItsTables() throws IOException {
        ActiveIndex index = new ActiveIndex(new Sequence(100));
        index.add(record(100, new Entry.Zero(STREAM, Epoch.FIRST, new Extent(0, 10), false)), 4096);
        index.add(record(101, new Entry.Trim(STREAM, Epoch.FIRST, new Extent(20, 10))), 4172);
        index.add(record(102, new Entry.Flush(STREAM, new Epoch(3))), 4248);
        index.add(record(103, new Entry.Cut()), 4324);
        SegmentFolder folder = SegmentFolder.in(temporary, 7);
        Files.createDirectory(folder.path());
        IndexWriter.write(folder, new SegmentHeader(new JournalId(ID), 7, new Incarnation(9), BOOT), index, 4400);
        ByteBuffer bytes = ByteBuffer.wrap(Files.readAllBytes(folder.indexFile()));
        int log = IndexFormat.HEADER_BYTES + IndexFormat.STREAMS.entryBytes();
        int map = log + 2 * IndexFormat.LOG.entryBytes();
        int marks = map + 2 * IndexFormat.MAP.entryBytes();

        assertThat(fields("Header, " + IndexFormat.HEADER_BYTES + " bytes", bytes)
                        .subList(0, 7))
                .containsExactly("TMI1", "1", "7", "9", "64", "67", "1130");
        assertThat(bytes.remaining()).isEqualTo(marks + 2 * IndexFormat.MARKS.entryBytes());
        assertThat(fields(sizes("streams"), bytes.slice(IndexFormat.HEADER_BYTES, 56)))
                .containsExactly("1111111111111111 2222222222222222", "3", "66", "2", "0", "0", "2");
        assertThat(fields(sizes("log"), bytes.slice(log + 32, 32))).containsExactly("0", "1", "14", "1e", "0");
        assertThat(fields(sizes("map"), bytes.slice(map + 24, 24))).containsExactly("14", "1e", "0");
        assertThat(fields(sizes("marks"), bytes.slice(marks, 40)))
                .containsExactly("66", "66", "1098", "3", "0", "4", "0", "0");
        assertThat(fields(sizes("marks"), bytes.slice(marks + 40, 40)))
                .containsExactly("67", "67", "10e4", "0", "ffffffff", "5", "0", "0");
    }

    @Test
    void limitsAreThoseOfTheTable() {
        JournalSettings settings = JournalSettings.defaults();

        assertThat(limit("`segment-bytes`")).isEqualTo(settings.segmentBytes());
        assertThat(limit("`segments-ahead`")).isEqualTo(settings.segmentsAhead());
        assertThat(limit("`quota-bytes`")).isEqualTo(settings.quotaBytes());
        assertThat(limit("`reserve-bytes`")).isEqualTo(settings.reserveBytes());
        assertThat(limit("`control-bytes`")).isEqualTo(settings.controlBytes());
        assertThat(limit("record payload")).isEqualTo(RecordFormat.PAYLOAD_BYTES_MAX);
        assertThat(limit("body of a range")).isEqualTo(RangeFormat.BODY_BYTES_MAX);
        assertThat(limit("`force-interval`")).isEqualTo(settings.forceInterval().toMillis());
    }

    private static List<Entry> oneOfEach() {
        Extent extent = new Extent(0, 1);
        return List.of(
                new Entry.Write(STREAM, Epoch.FIRST, 0, ByteBuffer.allocate(1)),
                new Entry.Zero(STREAM, Epoch.FIRST, extent, false),
                new Entry.Trim(STREAM, Epoch.FIRST, extent),
                new Entry.Flush(STREAM, Epoch.FIRST),
                new Entry.Cut(),
                new Entry.CopyBegin(STREAM, Epoch.FIRST, Side.INTAKE),
                new Entry.CopyEnd(STREAM, Epoch.FIRST, Side.INTAKE),
                new Entry.Gap(STREAM, Sequence.NONE, ""),
                new Entry.AwaitRestart(STREAM),
                new Entry.GuestRestarted(STREAM),
                new Entry.Track(STREAM, Sequence.NONE, false),
                new Entry.Opened(new Incarnation(1), BOOT),
                new Entry.Closed(),
                new Entry.VmDefined(new VmId(ID), ByteBuffer.allocate(0)),
                new Entry.VmRemoved(new VmId(ID)));
    }

    /** {@code CopyBegin} is "copy begin" in the table. */
    private static String name(Entry entry) {
        return entry.getClass()
                .getSimpleName()
                .replaceAll("([a-z])([A-Z])", "$1 $2")
                .toLowerCase(java.util.Locale.ROOT);
    }

    private static JournalRecord record(long number, Entry entry) {
        return new JournalRecord(new Sequence(number), number, entry);
    }

    /** The fields of a table with the columns Offset, Bytes, Field; the offsets must add up. */
    private List<String> fields(String title, ByteBuffer bytes) {
        List<Integer> sizes = new ArrayList<>();
        int at = 0;
        for (List<String> row : table(title)) {
            assertThat(row.get(0)).as("%s: %s", title, row).isEqualTo(Integer.toString(at));
            if (!row.get(1).isEmpty()) {
                sizes.add(Integer.parseInt(row.get(1)));
                at += sizes.getLast();
            }
        }
        return fields(sizes, bytes);
    }

    private static List<String> fields(List<Integer> sizes, ByteBuffer bytes) {
        ByteBuffer from = bytes.duplicate().order(ByteOrder.LITTLE_ENDIAN);
        List<String> fields = new ArrayList<>();
        for (int size : sizes) {
            fields.add(
                    switch (size) {
                        case 1 -> Integer.toHexString(from.get());
                        case 2 -> Integer.toHexString(from.getShort());
                        case 4 -> number(from);
                        case 8 -> Long.toHexString(from.getLong());
                        case 12 -> Long.toHexString(from.getInt() | from.getLong());
                        case 16 -> Long.toHexString(from.getLong()) + " " + Long.toHexString(from.getLong());
                        default -> throw new AssertionError("field of " + size + " bytes");
                    });
        }
        return fields;
    }

    /** A number, or a magic as it reads. */
    private static String number(ByteBuffer from) {
        byte[] bytes = new byte[4];
        from.get(from.position(), bytes);
        int number = from.getInt();
        return bytes[0] == 'T' && bytes[1] == 'M'
                ? new String(bytes, StandardCharsets.US_ASCII)
                : Integer.toHexString(number);
    }

    /** The sizes of the fields of a section's entry: "stream (16), last epoch (8), ...". */
    private List<Integer> sizes(String section) {
        List<String> row = table("| Section | An entry | Sorted by |").stream()
                .filter(each -> each.getFirst().startsWith(section + ", "))
                .findFirst()
                .orElseThrow();
        List<Integer> sizes = Arrays.stream(row.get(1).split("[^0-9]+"))
                .filter(number -> !number.isEmpty())
                .map(Integer::valueOf)
                .toList();
        assertThat(row.getFirst())
                .isEqualTo(section + ", "
                        + sizes.stream().mapToInt(Integer::intValue).sum() + " bytes");
        return sizes;
    }

    private long limit(String setting) {
        String[] words = table("| Setting | Default |").stream()
                .filter(row -> row.getFirst().equals(setting))
                .findFirst()
                .orElseThrow()
                .get(1)
                .split(" ", -1);
        String unit = words.length == 1 ? "" : words[1];
        return Long.parseLong(words[0])
                * switch (unit) {
                    case "KiB" -> KIB;
                    case "MiB" -> MIB;
                    case "GiB" -> GIB;
                    default -> 1;
                };
    }

    private String cell(String title, String name) {
        return table(title).stream()
                .filter(row -> row.get(1).equals(name))
                .findFirst()
                .orElseThrow()
                .get(2);
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

    private static String checksum(ByteBuffer... parts) {
        CRC32C crc = new CRC32C();
        for (ByteBuffer part : parts) {
            crc.update(part.duplicate());
        }
        return Integer.toHexString((int) crc.getValue());
    }
}
