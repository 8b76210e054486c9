package io.tidemark.volume;

import java.time.Duration;

/**
 * The limits of applying.
 *
 * @param batchBytes what is read from the journal at a time
 * @param dirtyBytesMax what may be written to volumes between two forces
 * @param forceInterval what may pass between a write to a volume and its force
 * @param retryInterval between attempts to go on after the file system was full
 */
public record ApplySettings(int batchBytes, long dirtyBytesMax, Duration forceInterval, Duration retryInterval) {

    public static ApplySettings defaults() {
        return new ApplySettings(4 << 20, 256 << 20, Duration.ofSeconds(5), Duration.ofSeconds(1));
    }
}
