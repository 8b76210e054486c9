package io.tidemark.journal;

/**
 * The end of a stream in its journal: how far its source is known to have been with us.
 *
 * <p>The begin of a copy is no part of it: that may be told by anybody, at a time when the source had long been gone.
 *
 * @param epoch the epoch of its newest record of data, flush or the end of a copy
 * @param last that record
 */
public record Tail(Epoch epoch, Sequence last) {}
