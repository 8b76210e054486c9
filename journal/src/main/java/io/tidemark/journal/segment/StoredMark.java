package io.tidemark.journal.segment;

import io.tidemark.journal.Sequence;
import io.tidemark.journal.StreamId;

/**
 * A control record as the index knows it.
 *
 * @param position of the record in the cycle file, for what is not said here
 * @param type as in {@link io.tidemark.journal.format.RecordFormat}
 * @param side of a copy, as in the record; zero elsewhere
 */
public record StoredMark(
        Sequence sequence, long timeNanos, long position, long epoch, StreamId stream, byte type, byte side) {}
