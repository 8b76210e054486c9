package io.tidemark.intake;

import io.tidemark.journal.Sequence;
import java.time.Duration;
import java.util.ArrayDeque;
import java.util.Deque;
import java.util.Optional;
import java.util.function.LongSupplier;
import org.jspecify.annotations.Nullable;

/**
 * How old the oldest acknowledged write of a VM is that is in no recovery point of the replica: its RPO. The owner's.
 *
 * <p>Writes between two points are one interval, known by its first write. At the limit neighbours are merged, which can only make the
 * RPO look worse.
 */
final class Exposure {

    static final int INTERVALS_MAX = 10_000;

    /** Writes that the point at {@code point} covers. */
    private record Interval(long firstWriteNanos, long pointNanos, Sequence point) {}

    private final LongSupplier nanoTime;
    private final Deque<Interval> closed = new ArrayDeque<>();
    private @Nullable Long openSince;

    Exposure(LongSupplier nanoTime) {
        this.nanoTime = nanoTime;
    }

    /** A write was appended. */
    void changed() {
        if (openSince == null) {
            openSince = nanoTime.getAsLong();
        }
    }

    /** A consistent point was appended: it covers all writes so far. */
    void pointAt(Sequence point) {
        Long since = openSince;
        if (since == null) {
            return;
        }
        if (closed.size() >= INTERVALS_MAX) {
            Interval last = closed.removeLast();
            since = last.firstWriteNanos();
        }
        closed.add(new Interval(since, nanoTime.getAsLong(), point));
        openSince = null;
    }

    /** Points behind {@code since} are not consistent after all: what they covered is in none. */
    void withdraw(Sequence since) {
        while (!closed.isEmpty() && closed.getLast().point().isAfter(since)) {
            openSince = closed.removeLast().firstWriteNanos();
        }
    }

    /**
     * The replica has everything up to {@code durable}.
     *
     * @return how long the newest point that this brought took since it was appended, if it brought one
     */
    Optional<Duration> shipped(Sequence durable) {
        Optional<Duration> delay = Optional.empty();
        while (!closed.isEmpty() && !closed.getFirst().point().isAfter(durable)) {
            delay = Optional.of(
                    Duration.ofNanos(nanoTime.getAsLong() - closed.removeFirst().pointNanos()));
        }
        return delay;
    }

    /** The RPO now; zero when everything is covered. */
    Duration age() {
        Long since =
                closed.isEmpty() ? openSince : Long.valueOf(closed.getFirst().firstWriteNanos());
        return since == null ? Duration.ZERO : Duration.ofNanos(nanoTime.getAsLong() - since);
    }
}
