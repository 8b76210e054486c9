package io.tidemark.journal.log;

import io.tidemark.journal.segment.DocumentWalk;
import io.tidemark.journal.segment.SegmentFolder;
import java.io.IOException;
import java.lang.foreign.MemorySegment;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;

/** A segment that was being written: what its file holds and what a power cut may bring back. */
final class SegmentTail {

    private final SegmentFolder folder;
    private final byte[] now;
    private final List<byte[]> older;
    private final List<Integer> starts = new ArrayList<>();
    private final int end;
    private final int durableEnd;

    /** @param older what was forced, first, and what the file held at moments since */
    SegmentTail(Path journal, SegmentFolder segment, List<byte[]> older) throws IOException {
        this.folder = new SegmentFolder(journal.relativize(segment.path()), segment.number());
        this.now = Files.readAllBytes(segment.cycleFile());
        this.older = older;
        this.end = walk(now, starts);
        this.durableEnd = walk(forced(), new ArrayList<>());
    }

    /** Relative to the journal. */
    SegmentFolder folder() {
        return folder;
    }

    /** What the page cache has. */
    byte[] now() {
        return now;
    }

    /** What was forced, and then what the file held at moments since. */
    List<byte[]> older() {
        return older;
    }

    byte[] forced() {
        return older.getFirst();
    }

    /** Where the header of each document is, the segment's own first. */
    List<Integer> starts() {
        return starts;
    }

    /** Where the last document ends. */
    int end() {
        return end;
    }

    /** Where the last one ends that was forced. */
    int durableEnd() {
        return durableEnd;
    }

    /** Whether there is any record in it. */
    boolean isUsed() {
        return starts.size() > 1;
    }

    /** The same segment in a copy of the journal. */
    SegmentFolder in(Path journal) {
        return new SegmentFolder(journal.resolve(folder.path()), folder.number());
    }

    private static int walk(byte[] bytes, List<Integer> starts) {
        DocumentWalk walk = new DocumentWalk(MemorySegment.ofArray(bytes), 0, bytes.length);
        long end = 0;
        while (walk.next()) {
            starts.add((int) walk.start() - DocumentWalk.HEADER_BYTES);
            end = walk.end();
        }
        return (int) end;
    }
}
