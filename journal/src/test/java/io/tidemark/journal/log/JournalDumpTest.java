package io.tidemark.journal.log;

import static org.assertj.core.api.Assertions.assertThat;

import io.tidemark.journal.Entries;
import io.tidemark.journal.Entry;
import io.tidemark.journal.Epoch;
import io.tidemark.journal.Extent;
import io.tidemark.journal.JournalRecord;
import io.tidemark.journal.Range;
import io.tidemark.journal.Sequence;
import io.tidemark.journal.StreamId;
import io.tidemark.journal.dump.JournalDump;
import io.tidemark.journal.format.Records;
import io.tidemark.journal.segment.SegmentFolder;
import java.io.BufferedReader;
import java.io.ByteArrayOutputStream;
import java.io.PrintStream;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.util.List;
import java.util.Random;
import java.util.concurrent.CompletableFuture;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class JournalDumpTest {

    private static final StreamId STREAM = Entries.stream(0);

    @TempDir(factory = QuickFolder.class)
    Path temporary;

    private final ByteArrayOutputStream printed = new ByteArrayOutputStream();
    private final ByteArrayOutputStream complained = new ByteArrayOutputStream();

    @Test
    void everyRecordIsALine() throws Exception {
        TestJournal journal = TestJournal.open(folder());
        journal.append(Entries.write(STREAM, 4096, 512, 1));
        journal.append(new Entry.Zero(STREAM, new Epoch(3), new Extent(0, 1 << 20), true));
        journal.append(new Entry.Gap(STREAM, new Sequence(2), "lost\u001b[2J"));
        journal.append(new Entry.Flush(STREAM, new Epoch(3)));
        journal.close();

        assertThat(dump(folder())).isEqualTo(JournalDump.WHOLE);

        assertThat(lines()).first().asString().contains("journal " + TestJournal.ID);
        assertThat(lines()).contains("no process has it open");
        assertThat(lines().get(2))
                .contains("sequence", "stream", "epoch", "type", "offset", "length", "time", "checksum");
        assertThat(lines().get(3)).matches("segment 1, sealed, incarnation .*, boot " + TestJournal.BOOT);
        assertThat(lines().get(4)).matches(" *1  -  .* opened .*Z  +ok  incarnation .*");
        assertThat(lines().get(5)).matches(" *2  " + STREAM + " +0  write +4096 +512  .*Z  +ok");
        assertThat(lines().get(6)).matches(" *3  " + STREAM + " +3  zero +0 +1048576  .*Z  +ok  keep allocated");
        assertThat(lines().get(7)).matches(" *4  " + STREAM + " +-  gap +- +-  .*Z  +ok  behind 2: lost\\?\\[2J");
        assertThat(lines().get(8)).matches(" *5  " + STREAM + " +3  flush +- +-  .*Z  +ok");
        assertThat(lines().get(9)).matches(" *6  -  .* closed .*Z  +ok");
        assertThat(lines().getLast()).isEqualTo("6 records, 1 to 6, in 1 segment: all whole");
        assertThat(complained.toString(StandardCharsets.UTF_8)).isEmpty();
    }

    @Test
    void aReplicasRangesAreTakenApart() throws Exception {
        TestJournal replica = TestJournal.openReplica(folder());
        replica.keeper.run();
        List<JournalRecord> records = Stream.of(7, 8, 9)
                .map(number -> new JournalRecord(new Sequence(number), number, Entries.flush(STREAM)))
                .toList();
        replica.journal.appendRange(new Range(new Sequence(7), new Sequence(9), 3, Records.body(records)));
        replica.close();

        assertThat(dump(folder())).isEqualTo(JournalDump.WHOLE);

        assertThat(lines().getLast()).isEqualTo("3 records, 7 to 9, in 1 segment: all whole");
    }

    @Test
    void verifyingPrintsNoRecord() throws Exception {
        writtenInTwoLives();

        assertThat(verify(folder())).isEqualTo(JournalDump.WHOLE);

        assertThat(lines()).noneMatch(line -> line.contains("write"));
        assertThat(lines().getLast()).matches("\\d+ records, 1 to \\d+, in 2 segments: all whole");
    }

    @Test
    void aJournalThatIsOpenIsReadBesideItsOwner() throws Exception {
        Process owner = ChildProcess.start(AppendingProcess.class, folder().toString(), "1");
        try (BufferedReader said = owner.inputReader(StandardCharsets.US_ASCII)) {
            for (String line = said.readLine(); !line.startsWith("durable"); line = said.readLine()) {}

            var unused = CompletableFuture.runAsync(() -> said.lines().forEach(line -> {})); // it must not wait for us
            for (int i = 0; i < 20; i++) {
                printed.reset();
                assertThat(verify(folder())).as(this::everything).isEqualTo(JournalDump.WHOLE);
            }
            assertThat(lines()).anyMatch(line -> line.startsWith("a process has it open"));
            assertThat(owner.isAlive()).isTrue();
        } finally {
            owner.toHandle().destroyForcibly();
            owner.waitFor();
        }
    }

    @Test
    void everyDamagedByteIsFound() throws Exception {
        writtenInTwoLives();
        Path file = segment(0).cycleFile();
        byte[] whole = Files.readAllBytes(file);
        int records = whole.length - new String(whole, StandardCharsets.ISO_8859_1).indexOf("TMS1");
        Random random = new Random(1);
        for (int i = 0; i < 50; i++) {
            byte[] damaged = whole.clone();
            int at = whole.length - 1 - random.nextInt(records);
            damaged[at] ^= (byte) (1 << random.nextInt(8));
            Files.write(file, damaged);
            printed.reset();

            assertThat(verify(folder())).as("byte %d", at).isEqualTo(JournalDump.DAMAGED);
            assertThat(lines()).anyMatch(line -> line.startsWith("PROBLEM: "));
        }
    }

    @Test
    void recordsBehindADamagedOneAreStillPrinted() throws Exception {
        writtenInTwoLives();
        flip(segment(0).cycleFile(), Files.size(segment(0).cycleFile()) * 9 / 10);

        assertThat(dump(folder())).isEqualTo(JournalDump.DAMAGED);

        assertThat(lines().stream().filter(line -> line.startsWith("PROBLEM"))).hasSize(1);
        assertThat(lines()).anyMatch(line -> line.contains("is not whole: checksum"));
        assertThat(lines()).anyMatch(line -> line.contains("closed"));
        assertThat(lines().getLast()).endsWith("1 problem");
    }

    @Test
    void aMissingSegmentAndADamagedIndexAreFound() throws Exception {
        writtenInTwoLives();
        TestJournal third = TestJournal.open(folder());
        third.append(Entries.flush(STREAM));
        third.close();
        flip(segment(2).indexFile(), 100);
        segment(1).delete();

        assertThat(verify(folder())).isEqualTo(JournalDump.DAMAGED);

        assertThat(lines()).anyMatch(line -> line.matches("PROBLEM: record \\d+ follows record \\d+"));
        assertThat(lines()).anyMatch(line -> line.contains("will be built again"));
    }

    @Test
    void aTornTailIsFoundWhenNobodyHasTheJournalOpen() throws Exception {
        TestJournal journal = TestJournal.open(folder());
        journal.append(Entries.write(STREAM, 0, 512, 1));
        Path torn = temporary.resolve("torn");
        Folders.copy(folder(), torn);
        journal.close();
        SegmentFolder last = SegmentFolder.list(torn.resolve("segments")).getFirst();
        try (FileChannel channel = FileChannel.open(last.cycleFile(), StandardOpenOption.WRITE)) {
            channel.write(ByteBuffer.wrap(new byte[] {1, 2, 3}), Files.size(last.cycleFile()) - 50_000);
        }

        assertThat(dump(torn)).isEqualTo(JournalDump.DAMAGED);

        assertThat(lines()).anyMatch(line -> line.contains("opening the journal sets it aside"));
    }

    @Test
    void aFileThatCannotBeReadIsSaidAndTheOthersAreRead() throws Exception {
        writtenInTwoLives();
        Files.delete(segment(0).cycleFile());
        Files.createDirectory(segment(0).cycleFile());

        assertThat(dump(folder())).isEqualTo(JournalDump.DAMAGED);

        assertThat(lines()).anyMatch(line -> line.startsWith("PROBLEM: segment 1 cannot be read"));
        assertThat(lines()).anyMatch(line -> line.startsWith("segment 2, sealed"));
    }

    @Test
    void whatIsNoJournalIsRefused() throws Exception {
        Path file = Files.writeString(temporary.resolve("file"), "text");
        Path empty = Files.createDirectory(temporary.resolve("empty"));
        Path nameless = temporary.resolve("nameless");
        Files.createDirectories(nameless.resolve("segments"));
        Files.writeString(nameless.resolve("journal.properties"), "format=1\n");

        assertRefused("does not exist", temporary.resolve("nowhere"));
        assertRefused("is not a folder", file);
        assertRefused("is not a journal", empty);
        assertRefused("names no journal", nameless);
    }

    @Test
    void nothingIsChanged() throws Exception {
        writtenInTwoLives();
        List<String> before = listing();

        dump(folder());

        assertThat(listing()).isEqualTo(before);
    }

    private void assertRefused(String why, Path folder) {
        complained.reset();
        assertThat(dump(folder)).isEqualTo(JournalDump.UNUSABLE);
        assertThat(complained.toString(StandardCharsets.UTF_8)).contains(why);
        assertThat(printed.toString(StandardCharsets.UTF_8)).isEmpty();
    }

    private void writtenInTwoLives() throws Exception {
        Random random = new Random(2);
        for (int life = 0; life < 2; life++) {
            TestJournal journal = TestJournal.open(folder());
            for (int i = 0; i < 20; i++) {
                journal.append(Entries.change(random, STREAM, 1 << 20));
            }
            journal.close();
        }
    }

    private int dump(Path folder) {
        return run(folder, false);
    }

    private int verify(Path folder) {
        return run(folder, true);
    }

    private int run(Path folder, boolean verifyOnly) {
        return JournalDump.run(
                folder,
                verifyOnly,
                new PrintStream(printed, true, StandardCharsets.UTF_8),
                new PrintStream(complained, true, StandardCharsets.UTF_8));
    }

    private List<String> lines() {
        return printed.toString(StandardCharsets.UTF_8).lines().toList();
    }

    private String everything() {
        return printed.toString(StandardCharsets.UTF_8);
    }

    private Path folder() {
        return temporary.resolve("journal");
    }

    private SegmentFolder segment(int at) throws Exception {
        return SegmentFolder.list(folder().resolve("segments")).get(at);
    }

    private List<String> listing() throws Exception {
        try (Stream<Path> tree = Files.walk(folder())) {
            return tree.map(each -> each + " " + each.toFile().length() + " "
                            + each.toFile().lastModified())
                    .sorted()
                    .toList();
        }
    }

    private static void flip(Path file, long at) throws Exception {
        try (FileChannel channel = FileChannel.open(file, StandardOpenOption.READ, StandardOpenOption.WRITE)) {
            ByteBuffer one = ByteBuffer.allocate(1);
            channel.read(one, at);
            channel.write(one.put(0, (byte) (one.get(0) ^ 1)).flip(), at);
        }
    }
}
