package io.tidemark.link;

import io.tidemark.journal.Extent;
import io.tidemark.journal.Sequence;
import io.tidemark.journal.StreamId;
import java.nio.ByteBuffer;

/**
 * A question to the receiver: which blocks of a disk are there what they are here (docs/protocol.md, section 4).
 *
 * @param extent begins with a block; its last block may be cut short, where the disk ends
 * @param after every record that is shipped up to here is part of what is compared; more may be. It is shipped itself, or it may be long in coming
 * @param digests the SHA-256 of each block, one behind the other, from 0 to the limit; read-only
 */
public record Comparison(StreamId stream, Extent extent, Sequence after, ByteBuffer digests) {

    /** What is compared as a whole. */
    public static final int BLOCK_BYTES = 64 << 10;

    /** Blocks of one question: as many as there are bits in the answer. */
    public static final int BLOCKS_MAX = Long.SIZE;

    /** Questions of one session that wait for their answers. */
    public static final int UNANSWERED_MAX = 64;

    public static final int DIGEST_BYTES = 32;

    public Comparison {
        if (extent.offset() % BLOCK_BYTES != 0 || extent.length() > (long) BLOCKS_MAX * BLOCK_BYTES) {
            throw new IllegalArgumentException("comparison of " + extent);
        }
        digests = digests.slice().asReadOnlyBuffer();
        if (digests.remaining() != blocksOf(extent) * DIGEST_BYTES) {
            throw new IllegalArgumentException(
                    "comparison of " + extent + " with " + digests.remaining() + " bytes of digests");
        }
    }

    /** How many blocks it is about. */
    public int blocks() {
        return blocksOf(extent);
    }

    private static int blocksOf(Extent extent) {
        return (int) Math.ceilDiv(extent.length(), (long) BLOCK_BYTES);
    }
}
