package io.tidemark.journal.log;

import io.tidemark.journal.Sequence;
import io.tidemark.journal.segment.Segment;
import io.tidemark.journal.segment.SegmentChain;
import io.tidemark.journal.segment.SegmentFolder;
import java.io.IOException;
import java.util.ArrayDeque;
import java.util.Deque;
import java.util.List;
import java.util.Optional;
import java.util.function.Supplier;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * What happens to a segment after it was written: it is sealed, and deleted when nobody needs it. The keeper thread.
 *
 * <p>What fails, for want of space say, is tried again; the data is safe meanwhile.
 */
final class Upkeep {

    private static final Logger LOG = LoggerFactory.getLogger(Upkeep.class);

    private final JournalFolder folder;
    private final JournalThreads threads;
    private final SegmentChain chain;
    private final Supplier<Optional<Sequence>> free;
    private final SpareFiles spares;
    private final Runnable whenDeleted;
    private final Again again;
    private final Deque<OpenSegment> toSeal = new ArrayDeque<>();
    private volatile long usedBytes;

    /**
     * @param free the records up to here are needed by nobody
     * @param spares takes the files of what is deleted
     * @param whenDeleted runs on the keeper when there is more room
     */
    Upkeep(
            JournalFolder folder,
            JournalThreads threads,
            SegmentChain chain,
            Supplier<Optional<Sequence>> free,
            SpareFiles spares,
            Runnable whenDeleted)
            throws IOException {
        this.folder = folder;
        this.threads = threads;
        this.chain = chain;
        this.free = free;
        this.spares = spares;
        this.whenDeleted = whenDeleted;
        this.again = new Again(threads.keeper(), this::work);
        count();
    }

    /** Bytes on disk of all segments that hold records. Any thread. */
    long usedBytes() {
        return usedBytes;
    }

    /** A segment became active: it counts as used. Any thread. */
    void opened() {
        threads.keeper().execute(this::work);
    }

    /** Nothing is added to this segment any more and it is durable to its end. Any thread. */
    void seal(OpenSegment segment) {
        threads.keeper().execute(() -> {
            toSeal.add(segment);
            work();
        });
    }

    /** A hold was advanced. Any thread. */
    void advanced() {
        threads.keeper().execute(this::work);
    }

    /** Seals what is to be sealed, and the active segment; not tried again. On the keeper, last. */
    void finish(Optional<OpenSegment> active) throws IOException {
        active.ifPresent(toSeal::add);
        sealAll();
        chain.all().forEach(Segment::close);
    }

    private void work() {
        try {
            sealAll();
            deleteFree();
            count();
        } catch (IOException | RuntimeException e) {
            LOG.warn("{}: {}; will be tried again", folder.path(), e.toString());
            again.later();
        }
    }

    private void sealAll() throws IOException {
        while (!toSeal.isEmpty()) {
            OpenSegment next = toSeal.getFirst();
            long end = next.writer().end();
            next.writer().close();
            segmentOf(next).seal(end);
            toSeal.removeFirst();
        }
    }

    private Segment segmentOf(OpenSegment open) {
        return chain.all().stream()
                .filter(each -> each.folder().equals(open.folder()))
                .findFirst()
                .orElseThrow();
    }

    private void deleteFree() throws IOException {
        Optional<Sequence> needed = free.get();
        boolean deleted = false;
        List<Segment> segments = chain.all();
        for (Segment segment : segments.subList(0, Math.max(0, segments.size() - 1))) {
            if (needed.isEmpty() || !segment.isSealed() || segment.last().isAfter(needed.get())) {
                break;
            }
            chain.removeFirst();
            spares.retire(segment.folder(), segment.close());
            deleted = true;
        }
        if (deleted) {
            SegmentFolder.forceDirectory(folder.segments());
            count();
            whenDeleted.run();
        }
    }

    private void count() throws IOException {
        long bytes = 0;
        for (Segment segment : chain.all()) {
            bytes += segment.folder().bytes();
        }
        usedBytes = bytes;
    }
}
