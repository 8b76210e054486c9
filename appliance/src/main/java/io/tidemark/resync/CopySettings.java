package io.tidemark.resync;

import java.time.Duration;

/**
 * The limits of copying to a replica.
 *
 * @param chunkBytes read and appended at a time; a multiple of {@link DirtyBlocks#BLOCK_BYTES}
 * @param readsMax chunks that are read at a time, over all streams of a journal
 * @param aheadBytesMax copied, and not yet durable at the replica
 * @param rateBytesPerSecond over all streams of a journal; 0 is no limit
 * @param retryInterval after a read or an append that has failed
 */
public record CopySettings(
        int chunkBytes, int readsMax, long aheadBytesMax, long rateBytesPerSecond, Duration retryInterval) {

    public static CopySettings defaults() {
        return new CopySettings(1 << 20, 4, 64 << 20, 0, Duration.ofMillis(200));
    }

    public CopySettings {
        if (chunkBytes < DirtyBlocks.BLOCK_BYTES || chunkBytes % DirtyBlocks.BLOCK_BYTES != 0) {
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
