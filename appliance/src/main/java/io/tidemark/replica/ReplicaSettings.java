package io.tidemark.replica;

import java.time.Duration;

/**
 * The limits of keeping a replica.
 *
 * @param windowTime how far back points are kept, by age since they were received
 * @param windowBytes what the window may take in the journal; what is older goes earlier then
 * @param creditBytes ranges that may be on their way
 * @param foldInterval how often it is looked at what has left the window, at the least
 * @param keptPointBytesMax what the journal may grow to because the last good point of a VM is being kept
 * @param pinnedBytesMax what the journal may grow to because points are pinned; less than for last good points, which are needed more
 * @param journalsPerPeerMax journals of one site that are kept here
 */
public record ReplicaSettings(
        Duration windowTime,
        long windowBytes,
        long creditBytes,
        Duration foldInterval,
        long keptPointBytesMax,
        long pinnedBytesMax,
        int journalsPerPeerMax) {

    public static ReplicaSettings defaults() {
        return new ReplicaSettings(
                Duration.ofHours(24), 32L << 30, 64L << 20, Duration.ofSeconds(1), 48L << 30, 40L << 30, 16);
    }
}
