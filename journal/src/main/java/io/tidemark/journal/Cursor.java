package io.tidemark.journal;

import java.util.Optional;

/**
 * Reads a journal in sequence order, never past what is durable. Used by one thread at a time.
 *
 * <p>A cursor keeps nothing from being deleted: its owner has a {@link Hold}. A record that is gone, or that is not what
 * it was, is a {@link Fault}: nothing is ever skipped in silence.
 */
public interface Cursor extends AutoCloseable {

    /** The last record delivered, or where the cursor started. */
    Sequence position();

    /**
     * The next durable records: as many whole records as fit into {@code bytesMax}, at least one; of a replica's
     * journal, whole ranges, the first from behind where the cursor started. Empty when nothing more is durable.
     */
    Optional<Batch> next(int bytesMax);

    @Override
    void close();
}
