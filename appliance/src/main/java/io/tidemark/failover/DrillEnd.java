package io.tidemark.failover;

import java.util.Optional;

/** Whether a drill is over, and why: told to everybody who uses its disks. Any thread. */
final class DrillEnd {

    private volatile Optional<String> reason = Optional.empty();

    Optional<String> reason() {
        return reason;
    }

    void because(String why) {
        reason = Optional.of(why);
    }
}
