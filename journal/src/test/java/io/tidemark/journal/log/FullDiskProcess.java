package io.tidemark.journal.log;

import static io.tidemark.journal.Entries.stream;
import static io.tidemark.journal.Entries.write;

import io.tidemark.journal.AppendOutcome;
import io.tidemark.journal.Entry;
import io.tidemark.journal.Sequence;
import io.tidemark.journal.chronicle.ChronicleSegments;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;

/** Fills the small disk it is given, appends all the same, and says what happened. */
final class FullDiskProcess {

    private FullDiskProcess() {}

    public static void main(String[] arguments) throws Exception {
        Path disk = Path.of(arguments[0]);
        Path ballast = disk.resolve("ballast");
        TestJournal journal = open(disk);
        journal.keeper.run();
        journal.append(write(stream(0), 0, 4096, 1));
        journal.force();
        fill(ballast);

        // Segments are prepared: with not a byte free they must be as good as ever.
        int appended = 1;
        AppendOutcome outcome = journal.journal.append(write(stream(0), 0, 4096, appended));
        while (outcome instanceof AppendOutcome.Appended) {
            appended++;
            outcome = attempt(journal, appended);
        }
        System.out.println("refused: " + outcome);
        check(
                journal.journal.append(new Entry.Gap(stream(0), Sequence.NONE, "full"))
                        instanceof AppendOutcome.Appended);
        System.out.println("took control records with no byte free");
        check(appended > 2 * (1 << 20) / 5000);
        System.out.println("filled prepared segments with no byte free");
        Sequence last = journal.journal.appended();
        journal.force();
        check(journal.journal.fault().isEmpty() && journal.journal.durable().equals(last));
        System.out.println("no fault");

        Path copy = Path.of(System.getProperty("java.io.tmpdir"))
                .resolve("tidemark-full-" + ProcessHandle.current().pid());
        Folders.copy(disk.resolve("journal"), copy);
        try {
            TestJournal again = TestJournal.open(copy);
            check(again.read().size() == last.number());
            again.leave();
        } finally {
            Folders.delete(copy);
        }
        System.out.println("opened again, all there");

        Files.delete(ballast);
        journal.keeper.tick();
        journal.owner.runWaiting();
        check(journal.journal.append(write(stream(0), 0, 4096, 1)) instanceof AppendOutcome.Appended);
        System.out.println("room after the disk was cleared");
        journal.close();

        openOnAFullDisk(disk, ballast);
        System.exit(0);
    }

    /** The first segment of a life is made whatever the limits say; here that cannot succeed. */
    private static void openOnAFullDisk(Path disk, Path ballast) throws Exception {
        fill(ballast);
        TestJournal journal = open(disk);
        journal.keeper.run();
        System.out.println("opened on a full disk: " + journal.journal.append(write(stream(0), 0, 4096, 1)));
        check(journal.read().size() == journal.journal.appended().number());
        Files.delete(ballast);
        journal.keeper.tick();
        journal.owner.runWaiting();
        check(journal.journal.append(write(stream(0), 0, 4096, 1)) instanceof AppendOutcome.Appended);
        System.out.println("room again");
        journal.close();
    }

    private static AppendOutcome attempt(TestJournal journal, int fill) {
        AppendOutcome outcome = journal.journal.append(write(stream(0), 0, 4096, fill));
        if (outcome instanceof AppendOutcome.NotReady) {
            journal.keeper.run();
            journal.owner.runWaiting();
            outcome = journal.journal.append(write(stream(0), 0, 4096, fill));
        }
        return outcome;
    }

    private static TestJournal open(Path disk) throws IOException, JournalUnusable {
        return TestJournal.open(disk.resolve("journal"), TestJournal.SMALL, new ChronicleSegments());
    }

    /** To the last byte. */
    private static void fill(Path file) throws IOException {
        try (FileChannel channel = FileChannel.open(file, StandardOpenOption.CREATE_NEW, StandardOpenOption.WRITE)) {
            for (int size = 1 << 16; size > 0; size /= 2) {
                try {
                    while (true) {
                        channel.write(ByteBuffer.allocate(size));
                    }
                } catch (IOException full) {
                    check(String.valueOf(full.getMessage()).contains("No space left"));
                }
            }
        }
    }

    private static void check(boolean holds) {
        if (!holds) {
            throw new IllegalStateException("it does not hold");
        }
    }
}
