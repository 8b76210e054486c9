package io.tidemark.journal.log;

import io.tidemark.journal.Incarnation;
import io.tidemark.journal.Journal;
import io.tidemark.journal.JournalContract;
import io.tidemark.journal.JournalId;
import io.tidemark.journal.chronicle.ChronicleSegments;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.time.InstantSource;
import java.util.UUID;
import java.util.concurrent.Executors;
import java.util.concurrent.ScheduledExecutorService;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.io.TempDir;

class SegmentedJournalTest extends JournalContract {

    static final JournalSettings SMALL = new JournalSettings(1 << 20, 2, 64 << 20, 0, 1 << 14, Duration.ofMillis(50));

    @TempDir
    Path temporary;

    private Path folder = Path.of("unset");
    private final ScheduledExecutorService forcer = Executors.newSingleThreadScheduledExecutor();
    private final ScheduledExecutorService keeper = Executors.newSingleThreadScheduledExecutor();
    private int lives;

    @BeforeEach
    @Override
    protected void openFirst() throws Exception {
        folder = temporary.resolve("journal");
        super.openFirst();
    }

    @Override
    protected Journal open() throws Exception {
        return SegmentedJournal.open(
                folder,
                new JournalIdentity(
                        new JournalId(new UUID(1, 2)),
                        JournalIdentity.Kind.SOURCE,
                        new Incarnation(++lives),
                        new UUID(3, 4)),
                SMALL,
                new JournalThreads(owner, forcer, keeper),
                new ChronicleSegments(),
                InstantSource.system());
    }

    /** What a killed process leaves is what the page cache holds: a copy of the files at that instant. */
    @Override
    protected void kill() throws IOException {
        Path left = Files.createTempDirectory(temporary, "killed").resolve("journal");
        Folders.copy(folder, left);
        journal.close(false);
        folder = left;
    }

    @AfterEach
    @Override
    protected void closeLast() {
        super.closeLast();
        forcer.shutdownNow();
        keeper.shutdownNow();
    }
}
