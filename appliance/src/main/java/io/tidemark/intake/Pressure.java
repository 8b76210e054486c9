package io.tidemark.intake;

import io.tidemark.journal.Journal;
import io.tidemark.journal.TimedOwner;
import io.tidemark.journal.Usage;
import java.time.Duration;
import java.util.concurrent.Executor;
import java.util.concurrent.atomic.AtomicBoolean;

/** How much acknowledgements are delayed because the journal fills up: nothing at first, then more the fuller it is. */
final class Pressure {

    private static final Duration INTERVAL = Duration.ofMillis(200);

    private final double slowFrom;
    private final Duration delayMax;
    private final AtomicBoolean looking = new AtomicBoolean();
    private volatile Duration delay = Duration.ZERO;
    private volatile boolean closed;

    Pressure(IntakeSettings settings) {
        this.slowFrom = settings.slowFrom();
        this.delayMax = settings.ackDelayMax();
    }

    /**
     * Looks from now on how full the journal is, whenever it has grown, and at intervals. Owner.
     *
     * @param blocking threads that may wait for the disk
     */
    void watch(Journal journal, TimedOwner owner, Executor blocking) {
        journal.onGrowth(() -> look(journal, blocking));
        lookAgain(journal, owner, blocking);
    }

    void close() {
        closed = true;
    }

    private void lookAgain(Journal journal, TimedOwner owner, Executor blocking) {
        owner.after(INTERVAL, () -> {
            if (!closed) {
                look(journal, blocking);
                lookAgain(journal, owner, blocking);
            }
        });
    }

    private void look(Journal journal, Executor blocking) {
        if (!closed && looking.compareAndSet(false, true)) {
            blocking.execute(() -> {
                looking.set(false);
                update(journal.usage());
            });
        }
    }

    /** Looks at how full the journal is now. */
    void update(Usage usage) {
        // What is prepared counts: when only that is left, it is late for a guest that writes as fast as it can.
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
