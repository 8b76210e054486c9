package io.tidemark.ship;

/** Bytes a second, averaged over a few seconds. Time is a monotonic clock's, in nanoseconds. */
public final class Throughput {

    private static final double NANOS = 1e9;
    private static final long SPAN_NANOS = 500_000_000L;
    private static final double WEIGHT = 0.3;

    private long sinceNanos;
    private long bytes;
    private double bytesPerSecond;

    public Throughput(long nowNanos) {
        sinceNanos = nowNanos;
    }

    public void add(long more, long nowNanos) {
        bytes += more;
        settle(nowNanos);
    }

    public double bytesPerSecond(long nowNanos) {
        settle(nowNanos);
        return bytesPerSecond;
    }

    private void settle(long nowNanos) {
        long span = nowNanos - sinceNanos;
        if (span >= SPAN_NANOS) {
            bytesPerSecond += WEIGHT * (bytes * NANOS / span - bytesPerSecond);
            bytes = 0;
            sinceNanos = nowNanos;
        }
    }
}
