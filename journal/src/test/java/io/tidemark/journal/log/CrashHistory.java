package io.tidemark.journal.log;

import io.tidemark.journal.Entries;
import io.tidemark.journal.Entry;
import io.tidemark.journal.Hold;
import io.tidemark.journal.JournalRecord;
import io.tidemark.journal.Range;
import io.tidemark.journal.Sequence;
import io.tidemark.journal.format.Records;
import io.tidemark.journal.segment.DocumentWalk;
import io.tidemark.journal.segment.SealedIndex;
import io.tidemark.journal.segment.SegmentFolder;
import java.io.IOException;
import java.lang.foreign.MemorySegment;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.NavigableMap;
import java.util.Random;
import java.util.TreeMap;

/**
 * Two lives of a journal, up to a moment of the second: its files then, what of them was forced, and what was appended and
 * reported durable. Segments were filled, sealed, deleted, and made again of what was deleted.
 */
final class CrashHistory {

    /** Where the moment is. */
    enum Moment {
        /** The newest records are not durable. */
        UNFORCED,
        /** Nor are the last ones of the segment before. */
        UNFORCED_OVER_TWO_SEGMENTS,
        /** All is durable. */
        FORCED,
        /** The second life has appended nothing yet. */
        OPENED
    }

    static final int DISKS = 3;
    static final int DISK_BYTES = 1 << 16;

    private static final JournalSettings SMALLEST =
            new JournalSettings(1 << 20, 1, 64 << 20, 0, 1 << 14, Duration.ofMillis(50));
    private static final int NEARLY_FULL = (1 << 20) - (1 << 16) - (1 << 14) - 20_000;
    private static final int RANGE_RECORDS_MAX = 6;

    private final JournalIdentity.Kind kind;
    private final Random random;
    private final PowerCut disk = new PowerCut();
    private final Path live;
    private final NavigableMap<Long, Entry> written = new TreeMap<>();
    private final List<SegmentTail> tails = new ArrayList<>();
    private final Path files;
    private final Sequence durable;
    private Sequence free = Sequence.NONE;
    private byte[] recycled = {};

    /** @param folder an empty one, for the journal and what is kept of it */
    CrashHistory(Path folder, JournalIdentity.Kind kind, Moment moment, long seed) throws Exception {
        this.kind = kind;
        this.random = new Random(seed);
        this.live = folder.resolve("live");
        this.files = folder.resolve("files");
        TestJournal first = begin();
        fillASegment(first);
        first.close();
        if (kind == JournalIdentity.Kind.SOURCE) {
            written.put(first.journal.appended().number(), new Entry.Closed());
        }
        TestJournal second = begin();
        liveTo(moment, second);
        durable = second.journal.durable();
        Folders.copy(live, files);
        for (SegmentFolder segment : SegmentFolder.list(live.resolve("segments"))) {
            if (!Files.exists(segment.indexFile())) {
                tails.add(new SegmentTail(live, segment, disk.images(segment)));
            }
        }
        second.leave();
        Folders.delete(live);
    }

    JournalIdentity.Kind kind() {
        return kind;
    }

    /** The journal's files. Nobody has them open. */
    Path files() {
        return files;
    }

    /** All that was ever appended, by sequence. */
    NavigableMap<Long, Entry> written() {
        return written;
    }

    /** What was reported durable. */
    Sequence durable() {
        return durable;
    }

    /** What nobody needed any more: records up to here may be gone. */
    Sequence free() {
        return free;
    }

    /** Whether nobody needed the records of this segment any more. */
    boolean isFree(SegmentFolder segment) throws IOException {
        return SealedIndex.open(segment)
                .filter(index -> !index.last().isAfter(free))
                .isPresent();
    }

    /** The segments without an index, oldest first. */
    List<SegmentTail> tails() {
        return tails;
    }

    /** What the file of a segment held whose room was used again. */
    byte[] recycled() {
        return recycled;
    }

    /** Opens any journal of this kind. */
    TestJournal open(Path folder) throws Exception {
        return TestJournal.open(folder, kind, SMALLEST, new io.tidemark.journal.chronicle.ChronicleSegments());
    }

    private void liveTo(Moment moment, TestJournal journal) throws Exception {
        if (moment == Moment.OPENED) {
            journal.keeper.run();
            return;
        }
        Hold reader = journal.journal.hold("reader", Sequence.NONE);
        Sequence firstLife = journal.journal.appended();
        fillASegment(journal);
        recycled = Files.readAllBytes(
                SegmentFolder.list(live.resolve("segments")).getFirst().cycleFile());
        reader.advance(firstLife);
        journal.keeper.run();
        free = journal.journal.appended().previous();
        fillASegment(journal);
        journal.force();
        journal.keeper.run();
        journal.owner.runWaiting();
        for (int i = 0; i < 5; i++) {
            append(journal, change());
        }
        if (moment == Moment.UNFORCED_OVER_TWO_SEGMENTS) {
            while (end() < NEARLY_FULL) {
                append(journal, change());
            }
        }
        journal.force();
        int segments = journal.journal.usage().segments();
        while (moment == Moment.UNFORCED_OVER_TWO_SEGMENTS
                && journal.journal.usage().segments() == segments) {
            append(journal, change());
        }
        if (moment != Moment.FORCED) {
            appendTheLast(journal);
        }
        reader.advance(free);
    }

    /** Small ones, so that a cut at every byte meets many of them. */
    private void appendTheLast(TestJournal journal) throws Exception {
        for (int i = 0; i < 6; i++) {
            append(journal, i % 2 == 0 ? Entries.flush(Entries.stream(i % DISKS)) : write(Entries.BLOCK / 2));
            if (i == 2) {
                disk.writeBack();
            }
        }
    }

    private void fillASegment(TestJournal journal) throws Exception {
        append(journal, change());
        int goal = journal.journal.usage().segments() + 1;
        for (int i = 0; journal.journal.usage().segments() < goal; i++) {
            append(journal, random.nextInt(5) == 0 ? Entries.any(random) : change());
            if (i % 50 == 0) {
                journal.force();
                journal.keeper.run();
            }
        }
    }

    private TestJournal begin() throws Exception {
        return TestJournal.open(live, kind, SMALLEST, disk);
    }

    private void append(TestJournal journal, Entry entry) throws Exception {
        long next = journal.journal.appended().number() + 1;
        if (kind == JournalIdentity.Kind.SOURCE) {
            long at = journal.append(entry).number();
            if (at > next) {
                written.put(next, new Entry.Opened(journal.journal.incarnation(), TestJournal.BOOT));
            }
            written.put(at, entry);
            return;
        }
        List<JournalRecord> records = new ArrayList<>();
        records.add(new JournalRecord(new Sequence(next), next, entry));
        for (int i = random.nextInt(RANGE_RECORDS_MAX); i > 0; i--) {
            next++;
            records.add(new JournalRecord(new Sequence(next), next, write(Entries.BLOCK / 4)));
        }
        records.forEach(each -> written.put(each.sequence().number(), each.entry()));
        journal.append(range(records));
    }

    static Range range(List<JournalRecord> records) {
        return new Range(
                records.getFirst().sequence(), records.getLast().sequence(), records.size(), Records.body(records));
    }

    private Entry change() {
        return Entries.change(random, Entries.stream(random.nextInt(DISKS)), DISK_BYTES);
    }

    private Entry write(int length) {
        return Entries.write(
                Entries.stream(random.nextInt(DISKS)), random.nextInt(DISK_BYTES - length), length, random.nextInt());
    }

    /** Where the newest record ends. */
    private long end() throws Exception {
        long end = 0;
        for (SegmentFolder segment : SegmentFolder.list(live.resolve("segments"))) {
            byte[] bytes = Files.readAllBytes(segment.cycleFile());
            DocumentWalk walk = new DocumentWalk(MemorySegment.ofArray(bytes), 0, bytes.length);
            int documents = 0;
            while (walk.next()) {
                documents++;
            }
            end = documents > 1 ? walk.end() : end;
        }
        return end;
    }
}
