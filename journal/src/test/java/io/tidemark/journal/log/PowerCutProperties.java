package io.tidemark.journal.log;

import static org.assertj.core.api.Assertions.assertThat;

import io.tidemark.journal.Entries;
import io.tidemark.journal.Entry;
import io.tidemark.journal.JournalRecord;
import io.tidemark.journal.Sequence;
import io.tidemark.journal.segment.SegmentFolder;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Random;
import java.util.stream.LongStream;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/**
 * After any power cut the journal is a contiguous prefix that holds at least all that was reported as durable (I1, I2).
 * Whatever is behind it is set aside, never delivered.
 */
class PowerCutProperties {

    private static final int HISTORIES = 6;
    private static final int CUTS = 50;

    @TempDir(factory = QuickFolder.class)
    Path temporary;

    private int quarantines;
    private int losses;
    private int wholes;

    @Test
    void whatWasForcedIsThereAndNothingIsTorn() throws Exception {
        for (int seed = 0; seed < HISTORIES; seed++) {
            new History(seed).run();
        }

        // The cuts were worth making: some lost records, some lost none, some left pieces behind.
        assertThat(losses).isGreaterThan(CUTS);
        assertThat(wholes).isGreaterThan(CUTS);
        assertThat(quarantines).isGreaterThan(CUTS / 2);
    }

    @Test
    void aSegmentThatWasLostWholeEndsThePrefixThoughTheNextWasKept() throws Exception {
        Path folder = temporary.resolve("journal");
        PowerCut disk = new PowerCut();
        TestJournal journal = TestJournal.open(folder, TestJournal.SMALL, disk);
        for (int i = 0; i < 20; i++) {
            journal.append(Entries.write(Entries.stream(0), 0, 1 << 16, i));
        }
        Path copy = temporary.resolve("copy");
        disk.cut(folder, copy, new Random(1), PowerCut.Loss.NONE);
        List<SegmentFolder> segments = SegmentFolder.list(copy.resolve("segments"));
        assertThat(segments).hasSizeGreaterThan(1);
        Path lost = temporary.resolve("lost");
        disk.cut(folder, lost, new Random(1), PowerCut.Loss.ALL);
        Files.copy(
                SegmentFolder.list(lost.resolve("segments")).getFirst().cycleFile(),
                segments.getFirst().cycleFile(),
                java.nio.file.StandardCopyOption.REPLACE_EXISTING);

        // When
        TestJournal recovered = TestJournal.open(copy);

        // Then: nothing was forced, so nothing need be there, and what is behind the hole must not
        assertThat(recovered.journal.appended()).isEqualTo(Sequence.NONE);
        assertThat(quarantined(copy)).isEqualTo(1);
        recovered.leave();
        journal.leave();
    }

    /** One life of a journal, its power cut again and again, each time with other luck. */
    private final class History {

        private final int seed;
        private final Random random;
        private final PowerCut disk = new PowerCut();
        private final Path folder;
        private final TestJournal journal;
        private final List<Entry> written = new ArrayList<>();

        History(int seed) throws IOException, JournalUnusable {
            this.seed = seed;
            this.random = new Random(seed);
            this.folder = temporary.resolve("journal" + seed);
            this.journal = TestJournal.open(folder, TestJournal.SMALL, disk);
            written.add(new Entry.Opened(journal.journal.incarnation(), TestJournal.BOOT));
        }

        void run() throws Exception {
            for (int cut = 0; cut < CUTS; cut++) {
                for (int i = random.nextInt(40); i >= 0; i--) {
                    step();
                }
                cut(cut);
            }
            journal.leave();
            Folders.delete(folder);
        }

        private void step() throws IOException {
            Entry entry = random.nextInt(5) == 0
                    ? Entries.any(random)
                    : Entries.change(random, Entries.stream(random.nextInt(3)), 1 << 24);
            journal.append(entry);
            written.add(entry);
            switch (random.nextInt(30)) {
                case 0, 1, 2 -> journal.force();
                case 3, 4 -> disk.writeBack();
                case 5, 6, 7, 8 -> journal.keeper.run();
                default -> {}
            }
        }

        private void cut(int number) throws Exception {
            String what = "history %d, cut %d".formatted(seed, number);
            Sequence durable = journal.journal.durable();
            Path copy = temporary.resolve("copy");
            disk.cut(folder, copy, random);
            damageOfTheKeeper(copy);

            // When
            TestJournal after = TestJournal.open(copy);

            // Then
            List<JournalRecord> recovered = after.read();
            assertThat(after.journal.durable()).as(what).isGreaterThanOrEqualTo(durable);
            assertThat(after.journal.appended())
                    .as(what)
                    .isEqualTo(after.journal.durable())
                    .isLessThanOrEqualTo(journal.journal.appended());
            assertThat(recovered).as(what).hasSize((int)
                    after.journal.appended().number());
            assertThat(recovered.stream().map(JournalRecord::entry).toList())
                    .as(what)
                    .isEqualTo(written.subList(0, recovered.size()));
            assertThat(recovered.stream().map(each -> each.sequence().number()).toList())
                    .as(what)
                    .isEqualTo(
                            LongStream.rangeClosed(1, recovered.size()).boxed().toList());
            quarantines += quarantined(copy) > 0 ? 1 : 0;
            losses += after.journal.appended().isBefore(journal.journal.appended()) ? 1 : 0;
            wholes += after.journal.appended().equals(journal.journal.appended()) ? 1 : 0;
            if (number % 10 == 0) {
                goOn(after, copy, recovered);
            } else {
                after.leave();
            }
        }

        /** A second crash after a few appends, this one of the process only. */
        private void goOn(TestJournal after, Path copy, List<JournalRecord> recovered) throws Exception {
            after.append(Entries.flush(Entries.stream(0)));
            after.append(Entries.flush(Entries.stream(1)));
            Path second = temporary.resolve("second");
            Folders.copy(copy, second);
            after.leave();
            TestJournal again = TestJournal.open(second);
            List<JournalRecord> all = again.read();
            assertThat(all).hasSize(recovered.size() + 3);
            assertThat(all.subList(0, recovered.size())).isEqualTo(recovered);
            again.leave();
        }

        /** What the keeper may have been in the middle of: preparing the next segment, or sealing the newest full one. */
        private void damageOfTheKeeper(Path copy) throws IOException {
            List<SegmentFolder> segments = SegmentFolder.list(copy.resolve("segments"));
            if (segments.isEmpty()) {
                return;
            }
            if (random.nextInt(4) == 0) {
                SegmentFolder next = SegmentFolder.in(
                        copy.resolve("segments"), segments.getLast().number() + 1);
                Files.createDirectory(next.path());
                byte[] prepared = Files.readAllBytes(segments.getLast().cycleFile());
                switch (random.nextInt(3)) {
                    case 0 -> {}
                    case 1 -> Files.write(next.cycleFile(), new byte[prepared.length]);
                    default -> Files.write(next.cycleFile(), java.util.Arrays.copyOf(prepared, 200));
                }
            }
            List<SegmentFolder> sealed = segments.stream()
                    .filter(each -> Files.exists(each.indexFile()))
                    .toList();
            if (!sealed.isEmpty()) {
                SegmentFolder newest = sealed.getLast();
                byte[] cut = Files.readAllBytes(newest.cycleFile());
                switch (random.nextInt(6)) {
                    case 0 -> Files.delete(newest.indexFile());
                    case 1 -> Files.write(newest.cycleFile(), java.util.Arrays.copyOf(cut, cut.length + 100_000));
                    case 2 -> {
                        Files.delete(newest.indexFile());
                        Files.write(newest.cycleFile(), java.util.Arrays.copyOf(cut, cut.length + 100_000));
                    }
                    default -> {}
                }
            }
        }
    }

    private static int quarantined(Path folder) throws IOException {
        try (Stream<Path> entries = Files.list(folder.resolve("quarantine"))) {
            return (int) entries.count();
        }
    }
}
