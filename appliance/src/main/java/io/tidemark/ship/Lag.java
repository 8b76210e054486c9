package io.tidemark.ship;

import java.time.Duration;

/** For how long a shipper has not had everything on its way. The shipper's thread. */
final class Lag {

    private final long limitNanos;
    private long caughtUpNanos;
    private boolean caughtUp = true; // and nothing was found since

    /** @param limit beyond which it is too much; zero for none */
    Lag(Duration limit, long nowNanos) {
        this.limitNanos = limit.toNanos();
        this.caughtUpNanos = nowNanos;
    }

    /** All that is durable is on its way. */
    void caughtUp(long nowNanos) {
        caughtUpNanos = nowNanos;
        caughtUp = true;
    }

    /** There is something to send: it may be long since all was, and there was nothing to send since. */
    void found(long nowNanos) {
        if (caughtUp) {
            caughtUp(nowNanos);
            caughtUp = false;
        }
    }

    /** For how long not all was. */
    Duration of(long nowNanos) {
        return caughtUp ? Duration.ZERO : Duration.ofNanos(nowNanos - caughtUpNanos);
    }

    boolean isTooMuch(long nowNanos) {
        return limitNanos > 0 && !caughtUp && nowNanos - caughtUpNanos >= limitNanos;
    }
}
