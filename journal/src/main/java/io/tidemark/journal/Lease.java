package io.tidemark.journal;

/**
 * Keeps the segments under some buffers mapped until it is closed, from any thread, exactly once.
 *
 * <p>A buffer must not be touched after its lease is closed.
 */
public interface Lease extends AutoCloseable {

    /** A lease on nothing. */
    Lease NONE = () -> {};

    @Override
    void close();
}
