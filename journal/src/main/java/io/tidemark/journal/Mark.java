package io.tidemark.journal;

/** A control record with its place: what states, epochs and recovery points are derived from. */
public record Mark(Sequence sequence, long timeNanos, Entry.Control entry) {}
