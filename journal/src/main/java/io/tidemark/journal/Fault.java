package io.tidemark.journal;

/**
 * An invariant of ours is broken, or the storage lied. What it happened to stops; nothing is retried.
 *
 * <p>The message names the journal or stream, and the sequence or offset.
 */
public final class Fault extends RuntimeException {

    private static final long serialVersionUID = 1L;

    public Fault(String message) {
        super(message);
    }

    public Fault(String message, Throwable cause) {
        super(message, cause);
    }
}
