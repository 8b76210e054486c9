package io.tidemark.events;

import java.time.Instant;

/**
 * Something that happened.
 *
 * @param number grows by one with each event of this life
 * @param subject what it happened to: a VM, a disk, a peer, a drill
 */
public record Event(long number, Instant time, Severity severity, String kind, String subject, String message) {

    /** Who has to act. */
    public enum Severity {
        /** Nobody. */
        INFO,
        /** Somebody, when there is time. */
        WARNING,
        /** Somebody, now: the operations guide has an entry for it. */
        ERROR
    }
}
