package io.tidemark.target;

import io.tidemark.journal.StreamId;
import io.tidemark.journal.TimedOwner;
import io.tidemark.link.pace.TokenBucket;
import io.tidemark.nbd.client.Result;
import io.tidemark.target.Requests.Request;
import io.tidemark.volume.DiskReader;
import java.nio.ByteBuffer;
import java.time.Duration;
import java.util.ArrayDeque;
import java.util.Deque;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.concurrent.atomic.AtomicLong;
import java.util.concurrent.atomic.AtomicReference;
import java.util.function.LongSupplier;
import org.jspecify.annotations.Nullable;

/**
 * Writes a round: all of it on its way at once as far as the limits go, and when everything is answered a flush of each disk. The
 * sender's thread, but for the counters that answers change.
 */
final class Transfer {

    /** What a request costs beside its bytes. */
    private static final int REQUEST_BYTES = 64;

    private static final int NO_SPACE = 28; // proto.md, "Error values"

    /** What becomes of a round. Told once, on the sender's thread. */
    interface Listener {
        /** Everything of the round is durable at the target. */
        void onDurable(long bytes);

        void onFailed(String why);
    }

    /** A disk with what is still to be written to it. */
    private record Part(TargetDisk disk, Requests requests) {}

    private final TimedOwner owner;
    private final TargetSettings settings;
    private final Optional<TokenBucket> bucket;
    private final LongSupplier nanoTime;
    private final ByteBuffer scratch;
    private final Listener listener;
    private final List<TargetDisk> disks;
    private final Deque<Part> parts = new ArrayDeque<>();
    private final AtomicLong unanswered = new AtomicLong();
    private final AtomicLong inFlightBytes = new AtomicLong();
    private final AtomicReference<@Nullable String> failure = new AtomicReference<>();
    private final AtomicBoolean woken = new AtomicBoolean();
    private long bytes; // from here on: the sender's
    private boolean flushing;
    private boolean waitingForRate;
    private boolean over;

    Transfer(
            Round round,
            Map<StreamId, TargetDisk> open,
            TimedOwner owner,
            TargetSettings settings,
            TargetSender.Pace pace,
            LongSupplier nanoTime,
            Listener listener) {
        this.owner = owner;
        this.settings = settings;
        this.bucket = pace.bucket();
        this.nanoTime = nanoTime;
        this.scratch = pace.scratch();
        this.listener = listener;
        this.disks = round.pieces().keySet().stream()
                .map(stream -> diskOf(open, stream))
                .toList();
        round.pieces().forEach((stream, pieces) -> {
            TargetDisk disk = diskOf(open, stream);
            int requestBytes = disk.requestBytesMax(settings.requestBytesMax());
            long zeroBytes = disk.writesZeroes() ? settings.zeroBytesMax() : requestBytes;
            parts.add(new Part(disk, new Requests(pieces, requestBytes, zeroBytes)));
        });
    }

    /** What is on its way. Any thread. */
    long inFlightBytes() {
        return inFlightBytes.get();
    }

    /** Goes on as far as it can now. */
    void pump() {
        woken.set(false);
        if (over) {
            return;
        }
        try {
            goOn();
        } catch (RuntimeException | InternalError e) { // a page that cannot be read is an InternalError
            over = true;
            listener.onFailed("what the journal holds cannot be sent: " + e.getMessage());
        }
    }

    private void goOn() {
        String failed = failure.get();
        if (failed != null) {
            over = true;
            listener.onFailed(failed);
            return;
        }
        while (sendNext()) {
            // each disk in its turn, until there is nothing more, or no room for it
        }
        if (parts.isEmpty() && unanswered.get() == 0 && failure.get() == null) {
            if (flushing) {
                over = true;
                listener.onDurable(bytes);
            } else {
                flush();
            }
        }
    }

    /** Nothing is told any more. */
    void cancel() {
        over = true;
    }

    private boolean sendNext() {
        if (inFlightBytes.get() >= settings.inFlightBytesMax() || isOverRate()) {
            return false;
        }
        for (int i = parts.size(); i > 0; i--) {
            Part part = parts.removeFirst();
            if (!part.requests().hasNext()) {
                return true; // that one has all
            }
            if (part.disk().hasRoom()) {
                parts.addLast(part);
                return send(part.disk(), part.requests().next(scratch));
            }
            parts.addLast(part);
        }
        return false;
    }

    private boolean send(TargetDisk disk, Request request) {
        if (!disk.takes(request.extent())) {
            fail(disk.destination() + ": " + request.extent() + " was written, which is less than it takes at a time");
            wake();
            return false;
        }
        switch (request) {
            case Requests.Write write -> {
                Result.Listener answer = expect(disk, request, write.extent().length());
                disk.write(write.extent(), write.bytes(), answer);
            }
            case Requests.Zero zero when disk.writesZeroes() -> disk.zero(zero.extent(), expect(disk, request, 0));
            case Requests.Zero zero -> {
                int length = (int) zero.extent().length();
                DiskReader.fillWithZeroes(scratch.clear().limit(length));
                disk.write(zero.extent(), scratch.flip(), expect(disk, request, length));
            }
        }
        return true;
    }

    private Result.Listener expect(TargetDisk disk, Request request, long payload) {
        long cost = payload + REQUEST_BYTES;
        bytes += payload;
        bucket.ifPresent(limit -> limit.take((int) cost, nanoTime.getAsLong()));
        unanswered.incrementAndGet();
        inFlightBytes.addAndGet(cost);
        return result -> {
            inFlightBytes.addAndGet(-cost);
            answered(result, disk, request.extent().toString());
        };
    }

    private void flush() {
        flushing = true;
        for (TargetDisk disk : disks) {
            unanswered.incrementAndGet();
            disk.flush(result -> answered(result, disk, "flush"));
        }
        if (disks.isEmpty()) {
            wake();
        }
    }

    /** On any thread. */
    private void answered(Result result, TargetDisk disk, String what) {
        switch (result) {
            case Result.Done done -> {}
            case Result.Failed failed ->
                fail(disk.destination() + ": " + what + " has failed with error " + failed.error()
                        + (failed.error() == NO_SPACE ? ": it is full" : ""));
            case Result.Unknown unknown -> fail(disk.destination() + ": " + unknown.why());
        }
        unanswered.decrementAndGet();
        wake();
    }

    private void fail(String why) {
        failure.compareAndSet(null, why);
    }

    private void wake() {
        if (woken.compareAndSet(false, true)) {
            owner.execute(this::pump);
        }
    }

    private boolean isOverRate() {
        long delay = bucket.map(limit -> limit.delayNanos(nanoTime.getAsLong())).orElse(0L);
        if (delay > 0 && !waitingForRate) {
            waitingForRate = true;
            owner.after(Duration.ofNanos(delay), () -> {
                waitingForRate = false;
                pump();
            });
        }
        return delay > 0;
    }

    private static TargetDisk diskOf(Map<StreamId, TargetDisk> open, StreamId stream) {
        TargetDisk disk = open.get(stream);
        if (disk == null) {
            throw new IllegalStateException("no export is open for stream " + stream);
        }
        return disk;
    }
}
