package io.tidemark.failover;

import java.time.Duration;

/**
 * How long a site waits for the other one before it does without.
 *
 * @param handover for a source to stop, and to ship what it has
 * @param copyBack for a word of the old source on what it has, or for what it has told of to come
 */
public record FailoverPatience(Duration handover, Duration copyBack) {

    public static FailoverPatience defaults() {
        return new FailoverPatience(Duration.ofSeconds(30), Duration.ofSeconds(60));
    }
}
