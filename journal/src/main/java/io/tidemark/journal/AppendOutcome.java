package io.tidemark.journal;

/** What became of an append. Only {@link Appended} has changed the journal. */
public sealed interface AppendOutcome {

    /** The record has its place: ordered, visible to reads, not yet durable. */
    record Appended(Sequence sequence) implements AppendOutcome {}

    /** The next segment is still being prepared: ask again from {@link Journal#whenRoom}. */
    record NotReady() implements AppendOutcome {}

    /** No room until something is given up or shipped: ask again from {@link Journal#whenRoom}, or refuse the write. */
    record Full(Limit limit) implements AppendOutcome {}

    /** Which limit was met. */
    enum Limit {
        /** The journal's own quota in bytes. */
        QUOTA,
        /** The reserve that must stay free on the file system. */
        RESERVE
    }
}
