package io.tidemark.journal;

/**
 * Keeps every record behind a watermark from being deleted: one for each reader that may still need them.
 *
 * <p>Segments go only when every hold is past them. Any thread.
 */
public interface Hold extends AutoCloseable {

    /** The reader's name, for people: it may be what keeps a full journal full. */
    String name();

    /** Records up to and including this one are no longer needed by this reader. */
    Sequence upTo();

    /** Gives up the records up to {@code upTo}. Moving backwards is a {@link Fault}. */
    void advance(Sequence upTo);

    /** Gives up all of it. */
    @Override
    void close();
}
