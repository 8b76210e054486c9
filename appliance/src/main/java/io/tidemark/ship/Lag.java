package io.tidemark.ship;

import java.time.Duration;

/** For how long a shipper has not had everything on its way. The shipper's thread. */
final class Lag {

    private final long limitNanos;
    private long caughtUpNanos;

    /** @param limit beyond which it is too much; zero for none */
    Lag(Duration limit, long nowNanos) {
        this.limitNanos = limit.toNanos();
        this.caughtUpNanos = nowNanos;
    }

    /** All that is durable is on its way. */
    void caughtUp(long nowNanos) {
        caughtUpNanos = nowNanos;
    }

    boolean isTooMuch(long nowNanos) {
        return limitNanos > 0 && nowNanos - caughtUpNanos >= limitNanos;
    }
}
