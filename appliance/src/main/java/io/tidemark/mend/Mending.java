package io.tidemark.mend;

import io.tidemark.intake.Mend;
import io.tidemark.intake.Registration;
import io.tidemark.journal.Extent;
import io.tidemark.mend.MendStatus.Phase;
import io.tidemark.nbd.client.Destination;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.util.List;
import java.util.Optional;
import java.util.OptionalLong;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionException;
import java.util.concurrent.Executor;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.atomic.AtomicLong;
import java.util.function.LongSupplier;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** The comparison of one disk with its source's, some chunks of it at a time. Any thread. */
@SuppressWarnings("FutureReturnValueIgnored") // what fails is told at the end of each chain
final class Mending {

    /** Of the disk, read and compared at a time, if the server lets us; twice that in memory for each. */
    static final int CHUNK_BYTES = 1 << 20;

    /** Chunks that are on their way; so many threads that wait for the disk it takes at the most. */
    static final int CHUNKS_IN_FLIGHT_MAX = 4;

    private static final long NANOS_PER_SECOND = 1_000_000_000L;
    private static final Logger LOG = LoggerFactory.getLogger(Mending.class);

    /** What became of it. Told once. */
    interface Listener {
        void onEnd(MendStatus status);
    }

    /** What a chunk is read into. */
    private record Buffers(ByteBuffer theirs, ByteBuffer ours) {

        void limit(int bytes) {
            theirs.clear().limit(bytes);
            ours.clear().limit(bytes);
        }
    }

    private final Mend mend;
    private final Destination origin;
    private final SourceReader reader;
    private final Executor blocking;
    private final int chunkBytes;
    private final LongSupplier nanoTime;
    private final Listener listener;
    private final long begunNanos;
    private final AtomicLong next = new AtomicLong();
    private final AtomicLong compared = new AtomicLong();
    private final AtomicLong laid = new AtomicLong();
    private final AtomicInteger inFlight = new AtomicInteger();
    private final CompletableFuture<String> failure = new CompletableFuture<>();
    private volatile Phase phase = Phase.RUNNING;

    /** @param blocking threads that may wait for the disk */
    Mending(
            Mend mend,
            Destination origin,
            SourceReader reader,
            Executor blocking,
            LongSupplier nanoTime,
            Listener listener) {
        this.mend = mend;
        this.blocking = blocking;
        this.origin = origin;
        this.reader = reader;
        this.chunkBytes = Math.min(CHUNK_BYTES, reader.requestBytesMax());
        this.nanoTime = nanoTime;
        this.listener = listener;
        this.begunNanos = nanoTime.getAsLong();
    }

    void start() {
        int chunks = (int) Math.min(CHUNKS_IN_FLIGHT_MAX, Math.ceilDiv(mend.sizeBytes(), (long) chunkBytes));
        inFlight.set(chunks);
        for (int i = 0; i < chunks; i++) {
            goOn(new Buffers(ByteBuffer.allocateDirect(chunkBytes), ByteBuffer.allocateDirect(chunkBytes)));
        }
    }

    /** Ends it as soon as what is on its way has come. */
    void giveUp(String why) {
        fail(why);
        mend.cancel();
        reader.close();
    }

    boolean isRunning() {
        return phase == Phase.RUNNING;
    }

    MendStatus status() {
        long done = compared.get();
        long nanos = nanoTime.getAsLong() - begunNanos;
        boolean estimates = phase == Phase.RUNNING && done > 0;
        return new MendStatus(
                phase,
                origin.toString(),
                mend.sizeBytes(),
                done,
                laid.get(),
                estimates
                        ? OptionalLong.of((long) ((double) nanos / done * (mend.sizeBytes() - done)) / NANOS_PER_SECOND)
                        : OptionalLong.empty(),
                failure.getNow(""));
    }

    /** Compares the next chunk, and then the one after it. */
    private void goOn(Buffers buffers) {
        Optional<Extent> next = take();
        if (next.isEmpty()) {
            if (inFlight.decrementAndGet() == 0) {
                end();
            }
            return;
        }
        Extent chunk = next.get();
        buffers.limit((int) chunk.length());
        reader.read(chunk, buffers.theirs())
                .thenApplyAsync(read -> differences(chunk, buffers), blocking)
                .thenCompose(different -> lay(chunk, different, buffers.theirs()))
                .whenCompleteAsync((done, failed) -> compared(chunk, failed, buffers), blocking);
    }

    private void compared(Extent chunk, @Nullable Throwable failed, Buffers buffers) {
        if (failed == null) {
            compared.addAndGet(chunk.length());
        } else {
            Throwable cause =
                    failed instanceof CompletionException && failed.getCause() != null ? failed.getCause() : failed;
            LOG.warn("stream={}: {} could not be compared with {}", mend.stream(), chunk, origin, cause);
            fail(String.valueOf(cause.getMessage()));
        }
        goOn(buffers);
    }

    private List<Extent> differences(Extent chunk, Buffers buffers) {
        try {
            mend.read(chunk, buffers.ours());
        } catch (IOException e) {
            throw new CompletionException(e);
        }
        return Differences.between(
                chunk, buffers.theirs().rewind(), buffers.ours().rewind());
    }

    /** One run after the other. */
    private CompletableFuture<Void> lay(Extent chunk, List<Extent> different, ByteBuffer theirs) {
        CompletableFuture<Void> all = CompletableFuture.completedFuture(null);
        for (Extent run : different) {
            ByteBuffer bytes = theirs.slice((int) (run.offset() - chunk.offset()), (int) run.length());
            all = all.thenCompose(before -> mend.lay(run, bytes)).thenAccept(this::laid);
        }
        return all;
    }

    private void laid(Mend.Outcome outcome) {
        switch (outcome) {
            case Mend.Outcome.Laid done -> laid.addAndGet(done.bytes());
            case Mend.Outcome.Ended ended -> throw new CompletionException(new IOException(ended.reason()));
        }
    }

    private Optional<Extent> take() {
        long at = next.getAndAdd(chunkBytes);
        return at < mend.sizeBytes() && !failure.isDone()
                ? Optional.of(Extent.between(at, Math.min(at + chunkBytes, mend.sizeBytes())))
                : Optional.empty();
    }

    private void fail(String why) {
        failure.complete(why); // the first counts
    }

    /** Nothing is on its way any more. */
    private void end() {
        reader.close();
        if (failure.isDone()) {
            ended();
            return;
        }
        mend.complete().whenComplete((outcome, failed) -> {
            if (failed != null) {
                fail(String.valueOf(failed.getMessage()));
            } else {
                completed(outcome);
            }
            ended();
        });
    }

    private void completed(Registration outcome) {
        switch (outcome) {
            case Registration.Done done -> {}
            case Registration.Unchanged unchanged -> {}
            case Registration.Refused refused -> fail(refused.reason());
            case Registration.Unknown unknown -> fail("the disk is not protected any more");
        }
    }

    private void ended() {
        phase = failure.isDone() ? Phase.FAILED : Phase.COMPLETE;
        listener.onEnd(status());
    }
}
