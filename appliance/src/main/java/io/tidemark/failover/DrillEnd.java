package io.tidemark.failover;

import java.util.Optional;

/** Whether a drill is over, and why: told to everybody who uses its disks. Any thread. */
final class DrillEnd {

    private volatile Optional<String> reason = Optional.empty();

    Optional<String> reason() {
        return reason;
    }

    /** The drill is over; the first reason stays. */
    synchronized void because(String why) {
        if (reason.isEmpty()) {
            reason = Optional.of(why);
        }
    }
}
