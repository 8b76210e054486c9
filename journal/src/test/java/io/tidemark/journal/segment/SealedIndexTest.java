package io.tidemark.journal.segment;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.tidemark.journal.Entries;
import io.tidemark.journal.Entry;
import io.tidemark.journal.Fault;
import io.tidemark.journal.Incarnation;
import io.tidemark.journal.JournalId;
import io.tidemark.journal.JournalRecord;
import io.tidemark.journal.Sequence;
import io.tidemark.journal.StreamId;
import io.tidemark.journal.extent.ExtentLookup;
import io.tidemark.journal.extent.ExtentMap.Placed;
import io.tidemark.journal.format.RecordDecoder;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.Random;
import java.util.UUID;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** The index in a file says what the index in memory said. */
class SealedIndexTest {

    private static final Sequence FIRST = new Sequence(100);
    private static final int RECORDS = 3000;
    private static final int DISK = 1 << 20;

    @TempDir
    Path temporary;

    private final ActiveIndex active = new ActiveIndex(FIRST);
    private final SegmentHeader header =
            new SegmentHeader(new JournalId(new UUID(1, 2)), 7, new Incarnation(9), new UUID(3, 4));
    private SegmentFolder folder = new SegmentFolder(Path.of("unset"), 0);

    @BeforeEach
    void writeIndex() throws IOException {
        folder = SegmentFolder.in(temporary, 7);
        Files.createDirectory(folder.path());
        Random random = new Random(3);
        long position = 4096;
        for (int i = 0; i < RECORDS; i++) {
            StreamId stream = Entries.stream(random.nextInt(5));
            Entry entry = random.nextInt(10) == 0 ? Entries.any(random) : Entries.change(random, stream, DISK);
            JournalRecord record = new JournalRecord(new Sequence(FIRST.number() + i), i, entry);
            active.add(record, position);
            position += RecordDecoder.size(record) + DocumentWalk.HEADER_BYTES;
        }
        IndexWriter.write(folder, header, active, position);
    }

    @Test
    void everyLookupGivesTheSame() throws IOException {
        SealedIndex sealed = SealedIndex.open(folder).orElseThrow();
        Random random = new Random(4);

        assertThat(sealed.first()).isEqualTo(active.first());
        assertThat(sealed.last()).isEqualTo(active.last());
        assertThat(sealed.streams()).isEqualTo(active.streams());
        for (int i = 0; i < 100; i++) {
            StreamId stream = Entries.stream(random.nextInt(6));
            Sequence upTo = new Sequence(FIRST.number() - 1 + random.nextInt(RECORDS + 2));
            int from = random.nextInt(DISK);
            int to = from + 1 + random.nextInt(DISK - from);
            assertThat(in(sealed.extents(stream), from, to)).isEqualTo(in(active.extents(stream), from, to));
            assertThat(in(sealed.extents(stream, upTo), from, to))
                    .isEqualTo(in(active.extents(stream, upTo), from, to));
            Sequence after = new Sequence(random.nextInt(RECORDS + 200));
            assertThat(marks(sealed, after, upTo)).isEqualTo(marks(active, after, upTo));
        }
        assertThat(marks(sealed, Sequence.NONE, active.last())).isNotEmpty();
    }

    @Test
    void theLogUpToTheLastRecordIsTheMap() {
        for (int i = 0; i < 5; i++) {
            assertThat(in(active.extents(Entries.stream(i), active.last()), 0, DISK))
                    .isEqualTo(in(active.extents(Entries.stream(i)), 0, DISK));
        }
    }

    @Test
    void damageIsFoundBeforeAnythingIsToldFromIt() throws IOException {
        byte[] whole = Files.readAllBytes(folder.indexFile());
        Random random = new Random(5);
        for (int i = 0; i < 200; i++) {
            byte[] damaged = whole.clone();
            int at = i < IndexFormat.HEADER_BYTES ? i : random.nextInt(whole.length);
            damaged[at] ^= (byte) (1 << random.nextInt(8));
            Files.write(folder.indexFile(), damaged);

            assertThat(isRefused()).as("byte %d", at).isTrue();
        }
    }

    @Test
    void anIndexOfAnotherLengthIsNone() throws IOException {
        byte[] whole = Files.readAllBytes(folder.indexFile());
        for (int length : new int[] {0, 1, 95, 96, 200, whole.length - 1}) {
            Files.write(folder.indexFile(), java.util.Arrays.copyOf(whole, length));
            assertThat(SealedIndex.open(folder)).as("%d bytes", length).isEmpty();
        }
        Files.write(folder.indexFile(), java.util.Arrays.copyOf(whole, whole.length + 1));
        assertThat(SealedIndex.open(folder)).isEmpty();
    }

    @Test
    void anIndexOfAnotherSegmentIsNone() throws IOException {
        SegmentFolder other = SegmentFolder.in(temporary, 8);
        Files.createDirectory(other.path());
        Files.copy(folder.indexFile(), other.indexFile());

        assertThat(SealedIndex.open(other)).isEmpty();
    }

    @Test
    void aDamagedListOfStreamsIsNoIndexAndADamagedMapIsAFault() throws IOException {
        byte[] whole = Files.readAllBytes(folder.indexFile());
        byte[] damaged = whole.clone();
        damaged[IndexFormat.HEADER_BYTES] ^= 1;
        Files.write(folder.indexFile(), damaged);
        assertThat(SealedIndex.open(folder)).isEmpty();

        damaged = whole.clone();
        damaged[whole.length - 1] ^= 1;
        Files.write(folder.indexFile(), damaged);
        SealedIndex sealed = SealedIndex.open(folder).orElseThrow();
        assertThatThrownBy(() -> marks(sealed, Sequence.NONE, active.last()))
                .isInstanceOf(Fault.class)
                .hasMessageContaining("marks")
                .hasMessageContaining("built again");
    }

    /** Whether the damage is found, at the latest when each section is used. */
    private boolean isRefused() throws IOException {
        Optional<SealedIndex> index = SealedIndex.open(folder);
        if (index.isEmpty()) {
            return true;
        }
        try {
            index.get().extents(Entries.stream(0));
            index.get().extents(Entries.stream(0), active.last());
            marks(index.get(), Sequence.NONE, active.last());
            return false;
        } catch (Fault e) {
            return true;
        }
    }

    private static List<Placed> in(ExtentLookup lookup, long from, long to) {
        List<Placed> found = new ArrayList<>();
        lookup.overlapping(from, to, (offset, end, place) -> found.add(new Placed(offset, end, place)));
        return found;
    }

    private static List<StoredMark> marks(SegmentContents contents, Sequence after, Sequence upTo) {
        List<StoredMark> marks = new ArrayList<>();
        contents.marks(after, upTo, marks::add);
        return marks;
    }
}
