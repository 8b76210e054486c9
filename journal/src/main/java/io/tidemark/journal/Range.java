package io.tidemark.journal;

import java.nio.ByteBuffer;

/**
 * Records that were shipped as one frame; a replica's journal takes and keeps them as one.
 *
 * <p>A full range holds every record from its first to its last. From a partial one some are left out, never the last.
 *
 * @param first sequence of the range; contiguous with the last of the range before it
 * @param last sequence of the range
 * @param count how many records are in it
 * @param body their encoded bytes, borrowed; verified by {@link Journal#appendRange}
 */
public record Range(Sequence first, Sequence last, int count, ByteBuffer body) {

    public Range {
        if (last.isBefore(first) || count <= 0 || count - 1 > last.number() - first.number()) {
            throw new IllegalArgumentException("range " + first + ".." + last + " of " + count + " records");
        }
    }

    /** Whether no record is left out. */
    public boolean isFull() {
        return last.number() - first.number() == count - 1;
    }
}
