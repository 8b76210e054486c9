package io.tidemark.link.pace;

/**
 * A limit in bytes a second, with a burst. Time is what a monotonic clock says, in nanoseconds.
 *
 * <p>What is taken may be larger than the burst: it then leaves a debt, and the next one waits for longer.
 */
public final class TokenBucket {

    private static final double NANOS = 1e9;

    private long bytesPerSecond;
    private final long burstBytes;
    private long fullAtNanos;

    public TokenBucket(long bytesPerSecond, long burstBytes, long nowNanos) {
        if (bytesPerSecond <= 0 || burstBytes <= 0) {
            throw new IllegalArgumentException(bytesPerSecond + " bytes a second, burst " + burstBytes);
        }
        this.bytesPerSecond = bytesPerSecond;
        this.burstBytes = burstBytes;
        this.fullAtNanos = nowNanos;
    }

    /** How long to wait before the next {@link #take}; 0 when it may be now. */
    public long delayNanos(long nowNanos) {
        return Math.max(0, debtNanos(nowNanos) - nanos(burstBytes - 1));
    }

    public void take(int bytes, long nowNanos) {
        fullAtNanos = nowNanos + debtNanos(nowNanos) + nanos(bytes);
    }

    /** From now on another rate. What was taken before stays taken, in bytes. */
    public void changeRate(long newBytesPerSecond, long nowNanos) {
        if (newBytesPerSecond <= 0) {
            throw new IllegalArgumentException(newBytesPerSecond + " bytes a second");
        }
        double missingBytes = debtNanos(nowNanos) / NANOS * bytesPerSecond;
        bytesPerSecond = newBytesPerSecond;
        fullAtNanos = nowNanos + (long) (missingBytes / newBytesPerSecond * NANOS);
    }

    /** How long until the bucket is full again. */
    private long debtNanos(long nowNanos) {
        return Math.max(0, fullAtNanos - nowNanos);
    }

    private long nanos(long bytes) {
        return (long) (bytes * NANOS / bytesPerSecond);
    }
}
