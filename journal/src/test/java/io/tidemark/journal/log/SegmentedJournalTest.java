package io.tidemark.journal.log;

import static io.tidemark.journal.Entries.write;
import static org.assertj.core.api.Assertions.assertThat;

import io.tidemark.journal.Batch;
import io.tidemark.journal.Cursor;
import io.tidemark.journal.Entry;
import io.tidemark.journal.Hold;
import io.tidemark.journal.Incarnation;
import io.tidemark.journal.Journal;
import io.tidemark.journal.JournalContract;
import io.tidemark.journal.JournalId;
import io.tidemark.journal.Sequence;
import io.tidemark.journal.chronicle.ChronicleSegments;
import io.tidemark.journal.segment.SegmentFolder;
import io.tidemark.journal.segment.SegmentHeader;
import io.tidemark.journal.segment.SegmentWriter;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.time.InstantSource;
import java.util.Optional;
import java.util.UUID;
import java.util.concurrent.Executors;
import java.util.concurrent.ScheduledExecutorService;
import java.util.concurrent.atomic.AtomicInteger;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class SegmentedJournalTest extends JournalContract {

    static final JournalSettings SMALL = new JournalSettings(1 << 20, 2, 64 << 20, 0, 1 << 14, Duration.ofMillis(50));

    @TempDir
    Path temporary;

    private Path folder = Path.of("unset");
    private final ScheduledExecutorService forcer = Executors.newSingleThreadScheduledExecutor();
    private final ScheduledExecutorService keeper = Executors.newSingleThreadScheduledExecutor();
    private final CountingFactory factory = new CountingFactory();
    private int lives;

    @BeforeEach
    @Override
    protected void openFirst() throws Exception {
        folder = temporary.resolve("journal");
        super.openFirst();
    }

    @Override
    protected Journal open() throws Exception {
        return open(JournalIdentity.Kind.SOURCE);
    }

    @Override
    protected Journal openReplica() throws Exception {
        folder = temporary.resolve("replica");
        return open(JournalIdentity.Kind.REPLICA);
    }

    private Journal open(JournalIdentity.Kind kind) throws Exception {
        return SegmentedJournal.open(
                folder,
                new JournalIdentity(new JournalId(new UUID(1, 2)), kind, new Incarnation(++lives), new UUID(3, 4)),
                SMALL,
                new JournalThreads(owner, forcer, keeper),
                factory,
                InstantSource.system());
    }

    /** What a killed process leaves is what the page cache holds: a copy of the files, between two steps of the keeper. */
    @Override
    protected void kill() throws Exception {
        Path left = Files.createTempDirectory(temporary, "killed").resolve("journal");
        keeper.submit(() -> {
                    Folders.copy(folder, left);
                    return left;
                })
                .get();
        journal.close(false);
        folder = left;
    }

    @Test
    void filesOfDeletedSegmentsAreWrittenAgainAndShowNothingOfWhatTheyHeld() throws Exception {
        Hold reader = journal.hold("reader", Sequence.NONE);

        // When
        for (int round = 1; factory.rewritten.get() < 6; round++) {
            Sequence last = appendDurably(write(A, 0, 64 << 10, round));
            if (round % 8 == 0) {
                reader.advance(last);
                keeper.submit(() -> {}).get(); // deletes, so that the journal is not full before it has
            }
        }
        Sequence kept = appendDurably(write(A, 0, 4096, 99));
        reader.close();
        kill();
        journal = open();

        // Then
        assertThat(journal.durable()).isEqualTo(kept);
        assertThat(readAll(kept.previous()).getFirst().entry()).isEqualTo(write(A, 0, 4096, 99));
        assertThat(folder.resolve("spares")).isEmptyDirectory();
    }

    @Test
    void aFileThatSomebodyStillReadsIsNotWrittenAgain() throws Exception {
        appendDurably(write(A, 0, 4096, 7));
        Hold hold = journal.hold("reader", Sequence.NONE);
        try (Cursor cursor = journal.cursor(Sequence.NONE)) {
            Batch batch = cursor.next(1 << 20).orElseThrow();
            Entry first = batch.records().getLast().entry();

            // When
            while (factory.created.get() < 8) {
                hold.advance(appendDurably(write(A, 0, 64 << 10, 8)));
            }

            // Then
            assertThat(first).isEqualTo(write(A, 0, 4096, 7));
            batch.lease().close();
        }
    }

    @AfterEach
    @Override
    protected void closeLast() {
        super.closeLast();
        forcer.shutdownNow();
        keeper.shutdownNow();
    }

    private static final class CountingFactory implements SegmentWriter.Factory {

        private final ChronicleSegments segments = new ChronicleSegments();
        private final AtomicInteger created = new AtomicInteger();
        private final AtomicInteger rewritten = new AtomicInteger();

        @Override
        public SegmentWriter create(SegmentFolder to, SegmentHeader header, long capacity, Optional<Path> spare)
                throws IOException {
            created.incrementAndGet();
            if (spare.isPresent()) {
                rewritten.incrementAndGet();
            }
            return segments.create(to, header, capacity, spare);
        }

        @Override
        public long bytesOnDisk(long capacity) {
            return segments.bytesOnDisk(capacity);
        }

        @Override
        public int documentBytesMax(long capacity) {
            return segments.documentBytesMax(capacity);
        }
    }
}
