package io.tidemark.journal;

/**
 * One record of a journal: an entry with its place in the order.
 *
 * @param timeNanos when it was appended at the source, nanoseconds since 1970 UTC: a label, never compared
 */
public record JournalRecord(Sequence sequence, long timeNanos, Entry entry) {}
