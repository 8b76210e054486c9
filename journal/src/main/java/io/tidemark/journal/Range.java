package io.tidemark.journal;

import java.nio.ByteBuffer;

/**
 * Consecutive records that were shipped as one frame; a replica's journal takes and keeps them as one.
 *
 * @param first sequence of the range; contiguous with the last of the range before it
 * @param last sequence of the range
 * @param count how many records are in it
 * @param body their encoded bytes, borrowed; verified by {@link Journal#appendRange}
 */
public record Range(Sequence first, Sequence last, int count, ByteBuffer body) {

    public Range {
        if (last.isBefore(first) || count <= 0) {
            throw new IllegalArgumentException("range " + first + ".." + last + " of " + count + " records");
        }
    }
}
