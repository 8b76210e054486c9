package io.tidemark.nbd;

/** Where the outcome of one call on a {@link Session} is told: exactly once, from any thread. */
@FunctionalInterface
public interface Completion {
    /** Ends the call; a second outcome is a fault of the caller. */
    void complete(Outcome outcome);
}
