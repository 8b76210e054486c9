package io.tidemark.journal.log;

import io.tidemark.journal.segment.Segment;
import io.tidemark.journal.segment.SegmentChain;
import io.tidemark.journal.segment.SegmentFolder;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.util.ArrayDeque;
import java.util.Deque;
import java.util.Optional;
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
    private final Retention retention;
    private final SpareFiles spares;
    private final Runnable whenDeleted;
    private final Again again;
    private final Deque<OpenSegment> toSeal = new ArrayDeque<>();
    private final Deque<Deleted> toDelete = new ArrayDeque<>();
    private boolean finished;
    private volatile long usedBytes;

    /**
     * @param retention says which segments nobody needs
     * @param spares takes the files of what is deleted
     * @param whenDeleted runs on the keeper when there is more room
     */
    Upkeep(
            JournalFolder folder,
            JournalThreads threads,
            SegmentChain chain,
            Retention retention,
            SpareFiles spares,
            Runnable whenDeleted)
            throws IOException {
        this.folder = folder;
        this.threads = threads;
        this.chain = chain;
        this.retention = retention;
        this.spares = spares;
        this.whenDeleted = whenDeleted;
        this.again = new Again(threads.keeper(), this::work);
        count();
    }

    /** Bytes on disk of all segments that hold records. Any thread. */
    long usedBytes() {
        return usedBytes;
    }

    /** The same, counted now: segments become active while the keeper is busy making more of them. The keeper. */
    long countUsedBytes() {
        try {
            count();
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
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

    /**
     * Seals what is to be sealed, and the active segment. What cannot be sealed now is sealed at the next open. On the
     * keeper, last: nothing is touched any more afterwards, since the journal may then be another process's.
     */
    void finish(Optional<OpenSegment> active) {
        finished = true;
        active.ifPresent(toSeal::add);
        try {
            sealAll();
        } catch (IOException | RuntimeException | InternalError e) {
            LOG.warn("{}: {}; will be sealed at the next open", folder.path(), e.toString());
        }
        chain.all().forEach(Segment::close);
    }

    private void work() {
        if (finished) {
            return;
        }
        try {
            deleteFree(); // first: a full disk keeps an index from being written, and this is what makes room
            sealAll();
            deleteFree();
            count();
        } catch (IOException | RuntimeException | InternalError e) {
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

    /** Each deletion is durable before the next: what is left after a crash has no hole. */
    private void deleteFree() throws IOException {
        for (Optional<Segment> next = retention.takeFree(chain); next.isPresent(); next = retention.takeFree(chain)) {
            toDelete.add(new Deleted(next.get().folder(), next.get().close()));
        }
        if (toDelete.isEmpty()) {
            return;
        }
        while (!toDelete.isEmpty()) {
            spares.retire(toDelete.getFirst().folder(), toDelete.getFirst().unmapped());
            toDelete.removeFirst();
        }
        count();
        whenDeleted.run();
    }

    private void count() throws IOException {
        long bytes = 0;
        for (Segment segment : chain.all()) {
            bytes += segment.bytesOnDisk();
        }
        usedBytes = bytes;
    }

    private record Deleted(SegmentFolder folder, boolean unmapped) {}
}
