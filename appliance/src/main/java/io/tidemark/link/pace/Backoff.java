package io.tidemark.link.pace;

import java.time.Duration;
import java.util.random.RandomGenerator;

/** How long to wait before dialling again: longer each time, and never twice the same (docs/protocol.md, section 5). */
public final class Backoff {

    public static final Duration FIRST_DEFAULT = Duration.ofMillis(200);
    public static final Duration LONGEST_DEFAULT = Duration.ofSeconds(10);

    private final long firstNanos;
    private final long longestNanos;
    private final RandomGenerator random;
    private long ceilingNanos;

    public Backoff(Duration first, Duration longest, RandomGenerator random) {
        if (!first.isPositive() || longest.compareTo(first) < 0) {
            throw new IllegalArgumentException("delays from " + first + " to " + longest);
        }
        this.firstNanos = first.toNanos();
        this.longestNanos = longest.toNanos();
        this.random = random;
        this.ceilingNanos = firstNanos;
    }

    /** The next delay, at random from the upper half of a span that doubles each time. */
    public Duration next() {
        long least = Math.max(firstNanos, ceilingNanos / 2);
        long delay = random.nextLong(least, ceilingNanos + 1);
        ceilingNanos = Math.min(longestNanos, Math.multiplyExact(ceilingNanos, 2));
        return Duration.ofNanos(delay);
    }

    /** A session was good: the next delay is a short one again. */
    public void reset() {
        ceilingNanos = firstNanos;
    }
}
