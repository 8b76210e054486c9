package io.tidemark.system.proxy;

import java.time.Duration;
import java.util.EnumSet;
import java.util.Set;
import java.util.concurrent.TimeUnit;

/**
 * What a path does to the bytes of one direction, and who may connect. One for the whole proxy; a change is felt at once.
 *
 * <p>Any thread.
 */
final class Weather {

    /** Every so many connections one is late: that many a session opens. */
    static final int LANES = 4;

    private final Set<Direction> held = EnumSet.noneOf(Direction.class);
    private final Set<Direction> corrupting = EnumSet.noneOf(Direction.class);
    private long bytesPerSecond = Long.MAX_VALUE;
    private Duration latency = Duration.ZERO;
    private Duration latencyOfOneLane = Duration.ZERO;
    private long corrupted;
    private long passed;

    synchronized void hold(Direction direction) {
        held.add(direction);
    }

    synchronized void slow(long rate, Duration late) {
        bytesPerSecond = rate;
        latency = late;
    }

    synchronized void delayOneLane(Duration late) {
        latencyOfOneLane = late;
    }

    /** The next bytes of this direction have one bit that was not sent. */
    synchronized void corrupt(Direction direction) {
        corrupting.add(direction);
    }

    synchronized boolean takeCorruption(Direction direction) {
        boolean armed = corrupting.remove(direction);
        corrupted += armed ? 1 : 0;
        return armed;
    }

    /** Bits that were changed so far. */
    synchronized long corrupted() {
        return corrupted;
    }

    synchronized void pass(int bytes) {
        passed += bytes;
    }

    /** Bytes that were let through so far, both ways. */
    synchronized long passed() {
        return passed;
    }

    synchronized void clear() {
        held.clear();
        corrupting.clear();
        bytesPerSecond = Long.MAX_VALUE;
        latency = Duration.ZERO;
        latencyOfOneLane = Duration.ZERO;
        notifyAll();
    }

    synchronized long latencyNanos(int connection) {
        return latency.plus(connection % LANES == 1 ? latencyOfOneLane : Duration.ZERO)
                .toNanos();
    }

    /** How long so many bytes keep the path busy. */
    synchronized long nanos(int bytes) {
        return bytesPerSecond == Long.MAX_VALUE ? 0 : TimeUnit.SECONDS.toNanos(bytes) / bytesPerSecond;
    }

    /** Returns when nothing holds the direction. */
    synchronized void awaitRelease(Direction direction) throws InterruptedException {
        while (held.contains(direction)) {
            wait();
        }
    }
}
