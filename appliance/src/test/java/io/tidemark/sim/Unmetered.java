package io.tidemark.sim;

import io.tidemark.intake.IntakeMeter;
import io.tidemark.journal.StreamId;

/** Counts nothing. */
final class Unmetered implements IntakeMeter {

    @Override
    public void written(StreamId stream, int bytes, long nanos) {}

    @Override
    public void flushed(StreamId stream, int bytes, long nanos) {}

    @Override
    public void read(StreamId stream, int bytes, long nanos) {}

    @Override
    public void refused(StreamId stream) {}
}
