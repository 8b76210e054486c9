package io.tidemark.journal.log;

import java.time.Duration;

/**
 * The limits of a journal: docs/journal.md, section 6.
 *
 * @param segmentBytes documents of one segment; a multiple of 1 MiB
 * @param segmentsAhead segments prepared before they are needed
 * @param quotaBytes all segments, prepared ones included
 * @param reserveBytes what must stay free on the file system
 * @param controlBytes the end of each segment that only control records may use
 * @param forceInterval between an append and the force nobody asked for
 */
public record JournalSettings(
        long segmentBytes,
        int segmentsAhead,
        long quotaBytes,
        long reserveBytes,
        long controlBytes,
        Duration forceInterval) {

    /** Between two attempts to prepare, seal or delete a segment that failed. */
    static final Duration RETRY_INTERVAL = Duration.ofSeconds(1);

    private static final long MIB = 1L << 20;

    /** One part in so many of a segment is not of records: tables of Chronicle's, and headers. Less in a large segment. */
    private static final long BESIDE_RECORDS = 16;

    public JournalSettings {
        if (segmentBytes < MIB || segmentBytes % MIB != 0) {
            throw new IllegalArgumentException("segment-bytes " + segmentBytes + " is not a multiple of 1 MiB");
        }
        if (segmentsAhead < 1 || quotaBytes < 0 || reserveBytes < 0 || controlBytes < 0) {
            throw new IllegalArgumentException("a limit of the journal is negative, or no segment is made ahead");
        }
        if (controlBytes > segmentBytes / 4) {
            throw new IllegalArgumentException("control-bytes " + controlBytes + " is over a quarter of a segment");
        }
    }

    /**
     * The bytes of records that can be held back while there is still room for more: the quota without the segments that are made
     * ahead, the one that is written and the one that is held back in part, and without what a segment needs beside its records. A
     * quarter of a quota of a few segments.
     */
    public long heldBytesMax() {
        long inSegments = quotaBytes - (segmentsAhead + 2) * segmentBytes;
        return Math.max(quotaBytes / 4, inSegments - inSegments / BESIDE_RECORDS);
    }

    public static JournalSettings defaults() {
        return new JournalSettings(256 * MIB, 4, 64 * 1024 * MIB, 1024 * MIB, MIB, Duration.ofMillis(50));
    }
}
