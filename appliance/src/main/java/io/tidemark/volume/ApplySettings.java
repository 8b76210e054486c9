package io.tidemark.volume;

import java.time.Duration;

/**
 * The limits of applying.
 *
 * @param batchBytes what is read from the journal at a time
 * @param dirtyBytesMax what may be written to volumes between two forces
 * @param forceInterval what may pass between a write to a volume and its force
 * @param retryInterval between attempts to go on after the file system was full
 * @param bytesPerSecondMax what is written to the volumes of a journal in a second; 0 is no limit
 */
public record ApplySettings(
        int batchBytes, long dirtyBytesMax, Duration forceInterval, Duration retryInterval, long bytesPerSecondMax) {

    public ApplySettings {
        if (bytesPerSecondMax < 0) {
            throw new IllegalArgumentException("apply-rate " + bytesPerSecondMax + " is negative");
        }
    }

    public static ApplySettings defaults() {
        return new ApplySettings(4 << 20, 256 << 20, Duration.ofSeconds(5), Duration.ofSeconds(1), 0);
    }

    /** How long to wait after so much was written, so that the rate is kept. */
    Duration pauseAfter(long bytes) {
        return bytesPerSecondMax == 0 ? Duration.ZERO : Duration.ofNanos((long) (bytes * 1e9 / bytesPerSecondMax));
    }
}
