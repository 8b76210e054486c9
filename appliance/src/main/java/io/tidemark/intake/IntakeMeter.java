package io.tidemark.intake;

import io.tidemark.journal.StreamId;

/** Told of what passes through the intake. Any thread; returns at once. */
public interface IntakeMeter {

    /** A piece of a write was acknowledged, so long after it was received. */
    void written(StreamId stream, int bytes, long nanos);

    /** A flush, or a piece of a write that had to be durable, was answered. */
    void flushed(StreamId stream, int bytes, long nanos);

    /** A read was answered. */
    void read(StreamId stream, int bytes, long nanos);

    /** An error was answered. */
    void refused(StreamId stream);
}
