package io.tidemark.resync;

import io.tidemark.link.Comparison;
import java.time.Duration;

/**
 * The limits of copying to a replica.
 *
 * @param chunkBytes read, compared and appended at a time; a multiple of {@link DirtyBlocks#BLOCK_BYTES}, and no more than a question may be about
 * @param readsMax chunks that are read at a time, over all streams of a journal
 * @param aheadBytesMax copied, and not yet durable at the replica, or read and not yet compared
 * @param rateBytesPerSecond over all streams of a journal; 0 is no limit
 * @param retryInterval after a read or an append that has failed
 */
public record CopySettings(
        int chunkBytes, int readsMax, long aheadBytesMax, long rateBytesPerSecond, Duration retryInterval) {

    public static CopySettings defaults() {
        return new CopySettings(1 << 20, 4, 64 << 20, 0, Duration.ofMillis(200));
    }

    public CopySettings {
        if (chunkBytes < DirtyBlocks.BLOCK_BYTES
                || chunkBytes % DirtyBlocks.BLOCK_BYTES != 0
                || chunkBytes > Comparison.BLOCKS_MAX * Comparison.BLOCK_BYTES) {
            throw new IllegalArgumentException("chunks of " + chunkBytes + " bytes");
        }
    }

    /** The same at another rate. */
    public CopySettings limitedTo(long bytesPerSecond) {
        return new CopySettings(chunkBytes, readsMax, aheadBytesMax, bytesPerSecond, retryInterval);
    }

    int chunkBlocks() {
        return chunkBytes / DirtyBlocks.BLOCK_BYTES;
    }
}
