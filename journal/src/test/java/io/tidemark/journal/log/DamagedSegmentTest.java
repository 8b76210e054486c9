package io.tidemark.journal.log;

import static io.tidemark.journal.Entries.flush;
import static io.tidemark.journal.Entries.stream;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.tidemark.journal.Entries;
import io.tidemark.journal.Fault;
import io.tidemark.journal.JournalRecord;
import io.tidemark.journal.Sequence;
import io.tidemark.journal.format.RecordFormat;
import io.tidemark.journal.segment.DocumentWalk;
import io.tidemark.journal.segment.SegmentFolder;
import java.io.IOException;
import java.lang.foreign.MemorySegment;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.channels.FileChannel;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.util.ArrayList;
import java.util.List;
import java.util.Random;
import java.util.TreeSet;
import java.util.stream.Stream;
import java.util.zip.CRC32C;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Cut or damage a file of the journal anywhere: what is recovered is the longest prefix before the damage. */
class DamagedSegmentTest {

    private static final int SEALED = 30;
    private static final int RECORDS = 60;
    private static final int PAGE = 4096;

    @TempDir(factory = QuickFolder.class)
    Path temporary;

    /** A sealed segment of an earlier life, and one that was being written when the process was killed. */
    private Path original = Path.of("unset");

    private final List<JournalRecord> records = new ArrayList<>();

    /** Where each record of the last segment ends, with what is in front of the first. */
    private final List<Long> ends = new ArrayList<>();

    private Path lastFile = Path.of("unset");
    private int sealed;
    private int opened;

    @BeforeEach
    void writeJournal() throws Exception {
        Path live = temporary.resolve("live");
        Random random = new Random(1);
        TestJournal first = TestJournal.open(live);
        for (int i = 0; i < SEALED; i++) {
            first.append(Entries.change(random, stream(i % 3), 1 << 20));
        }
        first.close();
        TestJournal second = TestJournal.open(live);
        sealed = second.read().size();
        for (int i = 0; i < RECORDS; i++) {
            second.append(random.nextInt(4) == 0 ? flush(stream(0)) : Entries.change(random, stream(i % 3), 1 << 20));
        }
        second.force();
        records.addAll(second.read());
        original = temporary.resolve("original");
        Folders.copy(live, original);
        second.close();
        List<SegmentFolder> segments = SegmentFolder.list(original.resolve("segments"));
        lastFile = segments.get(1).cycleFile();
        DocumentWalk walk =
                new DocumentWalk(MemorySegment.ofArray(Files.readAllBytes(lastFile)), 0, Files.size(lastFile));
        walk.next();
        ends.add(walk.end());
        while (walk.next()) {
            ends.add(walk.start() + walk.document().remaining());
        }
        assertThat(ends).hasSize(records.size() - sealed + 1);
    }

    @Test
    void aFileCutAnywhereKeepsTheRecordsBeforeTheCut() throws Exception {
        TreeSet<Long> cuts = new TreeSet<>();
        for (long end : ends) {
            cuts.addAll(List.of(end - 1, end));
        }
        Random random = new Random(2);
        for (int i = 0; i < 20; i++) {
            cuts.add(random.nextLong(ends.getLast()));
        }
        for (long cut : cuts) {
            Path folder = copyOfOriginal();
            try (FileChannel file = FileChannel.open(copied(folder), StandardOpenOption.WRITE)) {
                file.truncate(cut);
            }

            assertRecovers(folder, before(cut), "cut at " + cut);
        }
    }

    @Test
    void aByteChangedAnywhereEndsThePrefixThere() throws Exception {
        Random random = new Random(3);
        for (int i = 0; i < 60; i++) {
            long at = ends.getFirst() + random.nextLong(ends.getLast() - ends.getFirst());
            Path folder = copyOfOriginal();
            change(copied(folder), at, random);

            // A byte of padding between two documents is nobody's.
            List<JournalRecord> recovered = assertRecovers(folder, -1, "byte " + at);
            assertThat(recovered.size()).as("byte %d", at).isIn(before(at), records.size());
            assertThat(quarantined(folder).isEmpty()).as("byte %d", at).isEqualTo(recovered.size() == records.size());
        }
    }

    @Test
    void aPageThatWasNeverWrittenEndsThePrefixThere() throws Exception {
        for (long page = ends.getFirst() / PAGE + 1; page * PAGE < ends.getLast(); page++) {
            Path folder = copyOfOriginal();
            try (FileChannel file = FileChannel.open(copied(folder), StandardOpenOption.WRITE)) {
                file.write(ByteBuffer.allocate(PAGE), page * PAGE);
            }

            assertRecovers(folder, before(page * PAGE), "page " + page);
            boolean last = (page + 1) * PAGE >= ends.getLast(); // then perhaps nothing is left behind the prefix
            assertThat(last || !quarantined(folder).isEmpty())
                    .as("page %d", page)
                    .isTrue();
        }
    }

    @Test
    void aSegmentWithoutItsFirstPageIsQuarantinedWhole() throws Exception {
        Path folder = copyOfOriginal();
        try (FileChannel file = FileChannel.open(copied(folder), StandardOpenOption.WRITE)) {
            file.write(ByteBuffer.allocate(PAGE), 0);
        }

        assertRecovers(folder, sealed, "first page");

        assertThat(quarantined(folder)).containsExactly(Path.of("0000000000000002"));
    }

    @Test
    void aDamagedRecordInASealedSegmentIsAFaultAndNeverSkipped() throws Exception {
        Path folder = copyOfOriginal();
        Path file = SegmentFolder.list(folder.resolve("segments")).getFirst().cycleFile();
        change(file, Files.size(file) * 2 / 3, new Random(4));
        TestJournal journal = TestJournal.open(folder);

        // When, Then: what is before it is delivered, itself never
        List<JournalRecord> delivered = new ArrayList<>();
        io.tidemark.journal.Cursor cursor = journal.journal.cursor(Sequence.NONE);
        assertThatThrownBy(() -> {
                    for (int i = 0; i < records.size(); i++) {
                        cursor.next(1 << 20).ifPresent(batch -> delivered.addAll(batch.records()));
                    }
                })
                .isInstanceOf(Fault.class)
                .hasMessageContaining("cannot be read");
        assertThat(delivered).isNotEmpty().hasSizeLessThan(sealed);
        assertThat(cursor.position()).isEqualTo(delivered.getLast().sequence());
        assertThatThrownBy(() -> cursor.next(1)).isInstanceOf(Fault.class);
        journal.close();
    }

    @Test
    void theChecksumOfARecordIsNeverThatOfAnother() throws Exception {
        for (long sequence : new long[] {-1, Long.MAX_VALUE}) {
            Path folder = copyOfOriginal();
            Path file =
                    SegmentFolder.list(folder.resolve("segments")).getFirst().cycleFile();
            byte[] bytes = Files.readAllBytes(file);
            DocumentWalk walk = new DocumentWalk(MemorySegment.ofArray(bytes), 0, bytes.length);
            for (int document = 0; document < 4; document++) { // the header, and three records
                walk.next();
            }
            little(bytes).putLong((int) walk.start() + RecordFormat.SEQUENCE_AT, sequence);
            Files.write(file, bytes);
            TestJournal journal = TestJournal.open(folder);

            assertThatThrownBy(() -> journal.journal.checksum(new Sequence(10)))
                    .isInstanceOf(Fault.class)
                    .hasMessageContaining("looking for record 10");
            journal.leave();
        }
    }

    @Test
    void anIndexOfRecordsThatCannotBeIsBuiltAgain() throws Exception {
        Path folder = copyOfOriginal();
        Path index = SegmentFolder.list(folder.resolve("segments")).getFirst().indexFile();
        byte[] bytes = Files.readAllBytes(index);
        little(bytes).putLong(24, 0); // the first sequence, and the checksum of the header
        CRC32C crc = new CRC32C();
        crc.update(bytes, 0, 92);
        little(bytes).putInt(92, (int) crc.getValue());
        Files.write(index, bytes);

        assertRecovers(folder, records.size(), "an index from record 0 on");
    }

    @Test
    void aDamagedIndexIsBuiltAgain() throws Exception {
        Path folder = copyOfOriginal();
        SegmentFolder first = SegmentFolder.list(folder.resolve("segments")).getFirst();
        byte[] index = Files.readAllBytes(first.indexFile());
        byte[] damaged = index.clone();
        damaged[20] ^= 1;
        Files.write(first.indexFile(), damaged);

        assertRecovers(folder, records.size(), "index");

        assertThat(Files.readAllBytes(first.indexFile())).isEqualTo(index);
        assertThat(quarantined(folder)).isEmpty();
    }

    @Test
    void aHoleInTheMiddleIsRefusedAndNothingIsChanged() throws Exception {
        Path folder = withThreeSealedSegments();
        List<SegmentFolder> segments = SegmentFolder.list(folder.resolve("segments"));
        Files.delete(segments.get(1).indexFile());
        change(segments.get(1).cycleFile(), Files.size(segments.get(1).cycleFile()) - 10, new Random(5));
        List<String> before = listing(folder);

        assertThatThrownBy(() -> TestJournal.open(folder))
                .isInstanceOf(JournalUnusable.class)
                .hasMessageContaining("segment 3")
                .hasMessageContaining("lost or damaged");

        assertThat(listing(folder)).isEqualTo(before);
    }

    @Test
    void aSegmentThatIsGoneIsRefused() throws Exception {
        Path folder = withThreeSealedSegments();
        SegmentFolder.list(folder.resolve("segments")).get(1).delete();
        assertThatThrownBy(() -> TestJournal.open(folder))
                .isInstanceOf(JournalUnusable.class)
                .hasMessageContaining("segment 3");
    }

    @Test
    void aSegmentWhoseDocumentsAreGoneIsRefused() throws Exception {
        Path folder = withThreeSealedSegments();
        SegmentFolder last = SegmentFolder.list(folder.resolve("segments")).get(2);
        Files.delete(last.cycleFile());

        assertThatThrownBy(() -> TestJournal.open(folder))
                .isInstanceOf(JournalUnusable.class)
                .hasMessageContaining("gone");
    }

    @Test
    void deletionThatACrashInterruptedGoesOnWithoutAHole() throws Exception {
        Path folder = withThreeSealedSegments();
        List<SegmentFolder> segments = SegmentFolder.list(folder.resolve("segments"));
        long second = Files.size(segments.get(1).cycleFile());
        Files.delete(segments.get(0).cycleFile());
        Files.delete(segments.get(1).indexFile());

        TestJournal journal = TestJournal.open(folder);

        assertThat(segments.get(0).path()).doesNotExist();
        assertThat(segments.get(1).cycleFile()).hasSize(second);
        assertThat(journal.journal.trimmed()).isGreaterThan(Sequence.NONE);
        assertThat(journal.read()).isNotEmpty();
        journal.close();
    }

    @Test
    void anotherJournalsSegmentIsRefused() throws Exception {
        Path folder = copyOfOriginal();
        Files.writeString(folder.resolve("journal.properties"), "format=1\nid=00000000-0000-0009-0000-000000000009\n");

        assertThatThrownBy(() -> TestJournal.open(folder))
                .isInstanceOf(JournalUnusable.class)
                .hasMessageContaining("is journal");

        Files.delete(folder.resolve("journal.properties"));
        SegmentFolder first = SegmentFolder.list(folder.resolve("segments")).getFirst();
        Files.move(
                first.path(), SegmentFolder.in(folder.resolve("segments"), 99).path());
        assertThatThrownBy(() -> TestJournal.open(folder)).isInstanceOf(JournalUnusable.class);
    }

    @Test
    void journalPropertiesThatAreNotOursAreRefused() throws Exception {
        for (String text :
                List.of("", "format=2\n", "format=1\n", "format=1\nid=nonsense\n", "format=1\nid=\\u00zz\n")) {
            Path folder = Files.createTempDirectory(temporary, "properties");
            Files.writeString(folder.resolve("journal.properties"), text);

            assertThatThrownBy(() -> TestJournal.open(folder))
                    .isInstanceOf(JournalUnusable.class)
                    .hasMessageContaining(folder.toString());
        }
    }

    private Path withThreeSealedSegments() throws Exception {
        Path folder = Files.createTempDirectory(temporary, "three").resolve("journal");
        for (int i = 0; i < 3; i++) {
            TestJournal life = TestJournal.open(folder);
            life.append(Entries.write(stream(0), 0, 4096, i));
            life.close();
        }
        return folder;
    }

    /** Opens and compares with what was written; a negative count is not compared. */
    private List<JournalRecord> assertRecovers(Path folder, int count, String what) throws Exception {
        TestJournal journal = TestJournal.open(folder);
        List<JournalRecord> recovered = journal.read();
        assertThat(recovered).as(what).isEqualTo(records.subList(0, count < 0 ? recovered.size() : count));
        assertThat(journal.journal.durable()).isEqualTo(journal.journal.appended());
        journal.leave();
        opened++;
        if (opened % 16 == 1) {
            assertGoesOn(folder, recovered, what);
        }
        return recovered;
    }

    private static void assertGoesOn(Path folder, List<JournalRecord> recovered, String what) throws Exception {
        TestJournal journal = TestJournal.open(folder);
        Sequence added = journal.append(flush(stream(1)));
        journal.close();
        TestJournal again = TestJournal.open(folder);
        assertThat(again.read())
                .as(what)
                .hasSize(recovered.size() + 3)
                .startsWith(recovered.toArray(JournalRecord[]::new));
        assertThat(again.journal.appended()).as(what).isEqualTo(added.next());
        again.leave();
    }

    /** How many records end before this position of the last file. */
    private int before(long position) {
        return sealed
                + (int) ends.stream().skip(1).filter(end -> end <= position).count();
    }

    private Path copyOfOriginal() throws IOException {
        Path folder = temporary.resolve("copy");
        Folders.copy(original, folder);
        return folder;
    }

    private Path copied(Path folder) {
        return folder.resolve(original.relativize(lastFile));
    }

    private static ByteBuffer little(byte[] bytes) {
        return ByteBuffer.wrap(bytes).order(ByteOrder.LITTLE_ENDIAN);
    }

    private static void change(Path file, long at, Random random) throws IOException {
        try (FileChannel channel = FileChannel.open(file, StandardOpenOption.READ, StandardOpenOption.WRITE)) {
            ByteBuffer one = ByteBuffer.allocate(1);
            channel.read(one, at);
            one.put(0, (byte) (one.get(0) ^ 1 << random.nextInt(8)));
            channel.write(one.flip(), at);
        }
    }

    private static List<Path> quarantined(Path folder) throws IOException {
        try (Stream<Path> entries = Files.list(folder.resolve("quarantine"))) {
            return entries.map(Path::getFileName).toList();
        }
    }

    private static List<String> listing(Path folder) throws IOException {
        try (Stream<Path> tree = Files.walk(folder)) {
            return tree.filter(Files::isRegularFile)
                    .map(each -> each + " " + each.toFile().length())
                    .sorted()
                    .toList();
        }
    }
}
