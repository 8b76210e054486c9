package io.tidemark.journal;

/**
 * The end of a stream in its journal.
 *
 * @param epoch the epoch of its newest record
 * @param last the newest record of data, flush or copy of the stream
 */
public record Tail(Epoch epoch, Sequence last) {}
