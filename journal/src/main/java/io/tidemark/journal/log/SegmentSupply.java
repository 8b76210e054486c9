package io.tidemark.journal.log;

import io.tidemark.journal.AppendOutcome.Limit;
import io.tidemark.journal.segment.SegmentFolder;
import io.tidemark.journal.segment.SegmentHeader;
import io.tidemark.journal.segment.SegmentWriter;
import java.io.IOException;
import java.nio.file.Files;
import java.util.Optional;
import java.util.Queue;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.function.Function;
import java.util.function.LongSupplier;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Makes segments before they are needed, and refuses early what the limits do not allow.
 *
 * <p>The keeper prepares; the owner takes. The first segment of a life is made whatever the limits say, so that a full
 * journal can still record that it was opened, and why a stream is suspect.
 */
final class SegmentSupply {

    private static final Logger LOG = LoggerFactory.getLogger(SegmentSupply.class);

    private final JournalFolder folder;
    private final JournalSettings settings;
    private final JournalThreads threads;
    private final SegmentWriter.Factory factory;
    private final SpareFiles spares;
    private final Function<Long, SegmentHeader> header;
    private final LongSupplier usedBytes;
    private final Runnable whenPrepared;
    private final Again again;

    private final Queue<OpenSegment> prepared = new ConcurrentLinkedQueue<>();
    private volatile @Nullable Limit limit;
    private long nextNumber; // this and what follows: the keeper's
    private boolean madeFirst;
    private boolean stopped;

    /**
     * @param usedBytes counts the bytes on disk of all segments that were taken from here or found at the start; on the keeper
     * @param whenPrepared runs on the owner when there is a segment to take
     */
    SegmentSupply(
            JournalFolder folder,
            JournalSettings settings,
            JournalThreads threads,
            SegmentWriter.Factory factory,
            SpareFiles spares,
            Function<Long, SegmentHeader> header,
            long nextNumber,
            LongSupplier usedBytes,
            Runnable whenPrepared) {
        this.folder = folder;
        this.settings = settings;
        this.threads = threads;
        this.factory = factory;
        this.spares = spares;
        this.header = header;
        this.nextNumber = nextNumber;
        this.usedBytes = usedBytes;
        this.whenPrepared = whenPrepared;
        this.again = new Again(threads.keeper(), this::fill);
    }

    /** A segment that is ready for appends, if there is one; {@link #refill} once it counts as used. Owner. */
    Optional<OpenSegment> take() {
        return Optional.ofNullable(prepared.poll());
    }

    /** Whether there is one to take. Any thread. */
    boolean isReady() {
        return !prepared.isEmpty();
    }

    /** What keeps the next segment from being made, if anything does. Any thread. */
    Optional<Limit> limit() {
        return Optional.ofNullable(limit);
    }

    /** Bytes on disk of the segments that were prepared and not taken. Any thread. */
    long preparedBytes() {
        return prepared.size() * bytesEach();
    }

    /** Looks again whether more can be made. Any thread. */
    void refill() {
        threads.keeper().execute(this::fill);
    }

    /** Deletes what was not used. On the keeper, last. */
    void stop() throws IOException {
        stopped = true;
        for (OpenSegment unused = prepared.poll(); unused != null; unused = prepared.poll()) {
            unused.writer().close();
            unused.folder().delete();
        }
    }

    private void fill() {
        while (!stopped && prepared.size() < settings.segmentsAhead()) {
            try {
                limit = madeFirst ? limitMet() : null;
                if (limit != null) {
                    again.later();
                    return;
                }
                make();
            } catch (IOException | RuntimeException | InternalError e) {
                LOG.warn("{}: cannot prepare a segment: {}", folder.path(), e.toString());
                limit = Limit.RESERVE;
                again.later();
                return;
            }
        }
    }

    private void make() throws IOException {
        SegmentFolder next = SegmentFolder.in(folder.segments(), nextNumber);
        try {
            SegmentWriter writer =
                    factory.create(next, header.apply(nextNumber), settings.segmentBytes(), spares.take());
            SegmentFolder.forceDirectory(folder.segments());
            prepared.add(new OpenSegment(next, header.apply(nextNumber), writer));
        } catch (IOException | RuntimeException | InternalError e) {
            if (Files.exists(next.path())) {
                next.delete();
            }
            throw e;
        }
        nextNumber++;
        madeFirst = true;
        threads.owner().execute(whenPrepared);
    }

    private @Nullable Limit limitMet() throws IOException {
        if (usedBytes.getAsLong() + preparedBytes() + bytesEach() > settings.quotaBytes()) {
            return Limit.QUOTA;
        }
        long free = Files.getFileStore(folder.segments()).getUsableSpace();
        long more = Math.max(0, bytesEach() - spares.nextBytes());
        return free - more < settings.reserveBytes() ? Limit.RESERVE : null;
    }

    private long bytesEach() {
        return factory.bytesOnDisk(settings.segmentBytes());
    }
}
