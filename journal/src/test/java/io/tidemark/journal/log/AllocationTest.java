package io.tidemark.journal.log;

import static org.assertj.core.api.Assertions.assertThat;

import io.tidemark.journal.Entries;
import io.tidemark.journal.chronicle.ChronicleSegments;
import io.tidemark.journal.segment.SegmentFolder;
import java.io.RandomAccessFile;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** A segment that is ready for appends has all its blocks: writing through its mapping cannot meet a full disk. */
class AllocationTest {

    @TempDir
    Path temporary;

    @Test
    void preparedSegmentsHaveNoHole() throws Exception {
        TestJournal journal = TestJournal.open(temporary.resolve("journal"));
        journal.keeper.run();

        List<SegmentFolder> prepared = SegmentFolder.list(temporary.resolve("journal/segments"));

        assertThat(prepared).hasSize(TestJournal.SMALL.segmentsAhead());
        for (SegmentFolder each : prepared) {
            assertAllocated(each);
        }
        journal.leave();
    }

    @Test
    void theActiveSegmentHasNoHoleToItsEnd() throws Exception {
        TestJournal journal = TestJournal.open(temporary.resolve("journal"));
        while (journal.journal.usage().segments() < 2) {
            journal.append(Entries.write(Entries.stream(0), 0, 10_000, 1));
        }

        for (SegmentFolder each : SegmentFolder.list(temporary.resolve("journal/segments"))) {
            assertAllocated(each);
        }
        journal.leave();
    }

    @Test
    void aHoleWouldBeSeen() throws Exception {
        Path sparse = temporary.resolve("sparse");
        try (RandomAccessFile file = new RandomAccessFile(sparse.toFile(), "rw")) {
            file.setLength(1 << 20);
        }

        assertThat(Holes.first(sparse)).isZero();
    }

    private static void assertAllocated(SegmentFolder segment) throws Exception {
        long size = new ChronicleSegments().bytesOnDisk(TestJournal.SMALL.segmentBytes());
        assertThat(Files.size(segment.cycleFile())).isGreaterThanOrEqualTo(size);
        assertThat(Holes.first(segment.cycleFile())).isGreaterThanOrEqualTo(size);
        Path table = segment.path().resolve("metadata.cq4t");
        assertThat(Holes.first(table)).isEqualTo(Files.size(table));
    }
}
