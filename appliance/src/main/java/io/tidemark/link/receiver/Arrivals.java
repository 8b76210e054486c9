package io.tidemark.link.receiver;

import java.util.function.Consumer;

/** How many connections have come in the last second, each of which costs a TLS handshake before anything is known of who it is. Any thread. */
final class Arrivals {

    private final int perSecondMax;
    private final Consumer<Runnable> inASecond;
    private int inTheLastSecond;
    private int turnedAway;

    /** @param inASecond does something then, on any thread */
    Arrivals(int perSecondMax, Consumer<Runnable> inASecond) {
        this.perSecondMax = perSecondMax;
        this.inASecond = inASecond;
    }

    /** Whether one more may come in now. */
    synchronized boolean oneMore() {
        boolean may = inTheLastSecond < perSecondMax;
        if (may) {
            inTheLastSecond++;
            inASecond.accept(this::secondHasPassed);
        } else {
            turnedAway++;
        }
        return may;
    }

    /** How many were turned away since this was asked last: a line for each would be a flood of its own. */
    synchronized int turnedAway() {
        int count = turnedAway;
        turnedAway = 0;
        return count;
    }

    private synchronized void secondHasPassed() {
        inTheLastSecond--;
    }
}
