package io.tidemark.ship;

import java.time.Duration;

/** For how long a shipper has not had everything on its way. The shipper's thread. */
final class Lag {

    private final long limitNanos;
    private boolean behind = true; // nobody has looked yet
    private long behindSince;

    /** @param limit beyond which it is too much; zero for none */
    Lag(Duration limit, long nowNanos) {
        this.limitNanos = limit.toNanos();
        this.behindSince = nowNanos;
    }

    /** All that is durable is on its way. */
    void caughtUp() {
        behind = false;
    }

    /** There is something to send, or there is no session in which that would be known. */
    void isBehind(long nowNanos) {
        if (!behind) {
            behind = true;
            behindSince = nowNanos;
        }
    }

    /** For how long not all was on its way. */
    Duration of(long nowNanos) {
        return behind ? Duration.ofNanos(nowNanos - behindSince) : Duration.ZERO;
    }

    boolean isTooMuch(long nowNanos) {
        return limitNanos > 0 && of(nowNanos).toNanos() >= limitNanos;
    }
}
