package io.tidemark.intake;

import io.tidemark.journal.Usage;
import java.time.Duration;

/** How much acknowledgements are delayed because the journal fills up: nothing at first, then more the fuller it is. */
final class Pressure {

    private final double slowFrom;
    private final Duration delayMax;
    private volatile Duration delay = Duration.ZERO;

    Pressure(IntakeSettings settings) {
        this.slowFrom = settings.slowFrom();
        this.delayMax = settings.ackDelayMax();
    }

    /** Looks at how full the journal is now. */
    void update(Usage usage) {
        double total = usage.usedBytes() + (double) usage.roomBytes();
        double used = total == 0 ? 1 : usage.usedBytes() / total;
        double above = used <= slowFrom ? 0 : (used - slowFrom) / (1 - slowFrom);
        delay = Duration.ofNanos((long) (delayMax.toNanos() * above * above));
    }

    /** What an acknowledgement is delayed by; zero while there is plenty of room. */
    Duration delay() {
        return delay;
    }
}
