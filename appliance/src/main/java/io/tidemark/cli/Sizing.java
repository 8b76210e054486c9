package io.tidemark.cli;

import java.util.OptionalDouble;

/**
 * What two sites need for VMs that write at a rate. The formulas are those of docs/sizing.md, and stand on the defaults of the settings that are not
 * worked out here. Nothing is added for what nobody has told.
 *
 * @param bytesPerSecond that guests write
 * @param writeBytes of one write: each costs a record of its own
 * @param diskBytes of all disks together; 0 if that is not known
 */
record Sizing(double bytesPerSecond, long writeBytes, Span outage, Span window, long diskBytes) {

    /** docs/journal.md, section 2: the header of a record, and what frames a document. */
    static final long RECORD_BYTES = 72 + 4;

    /** Setting ship.backlog-max-percent. */
    static final double BACKLOG_PART = 0.70;

    private static final long MIB = 1 << 20;

    /** Setting journal.segment-bytes. */
    static final long SEGMENT_BYTES = 256 * MIB;

    /** Setting journal.segments-ahead, and the two that are in use. */
    static final int SEGMENTS_BESIDE = 4 + 2;

    /** Setting journal.reserve. */
    static final long RESERVE_BYTES = 1024 * MIB;

    /** Of what a replica's journal holds, what is not records. */
    private static final double BESIDE_RECORDS = 1.0 / 16;

    /** Below this a journal is mostly segments that are made ahead. */
    static final long QUOTA_BYTES_MIN = 8 * SEGMENT_BYTES;

    /** What a second takes of a journal. */
    double journaledPerSecond() {
        return bytesPerSecond * (writeBytes + RECORD_BYTES) / writeBytes;
    }

    /** The source's journal keeps all that is written in the outage before anything is given up. */
    double sourceQuota() {
        return Math.max(QUOTA_BYTES_MIN, journaledPerSecond() * outage.seconds() / BACKLOG_PART);
    }

    /** What the replica keeps so that each point of the window is there. */
    double windowBytes() {
        return journaledPerSecond() * window.seconds();
    }

    /** The replica's journal has room for the window. */
    double replicaQuota() {
        return Math.max(
                QUOTA_BYTES_MIN, windowBytes() / (1 - BESIDE_RECORDS) + (double) SEGMENTS_BESIDE * SEGMENT_BYTES);
    }

    /** The file system of a site whose journal has the quota: with its volumes, and what has to stay free. */
    double fileSystem(double quota) {
        return quota + diskBytes + RESERVE_BYTES;
    }

    double writesPerSecond() {
        return bytesPerSecond / writeBytes;
    }

    /** The bytes a second that keep up, and catch up with an outage in as long as it was. */
    double linkToCatchUp() {
        return 2 * bytesPerSecond;
    }

    /** How long such a link takes to catch up with an outage while guests go on; empty if it never does. */
    OptionalDouble secondsToCatchUp(long linkBytesPerSecond) {
        double left = linkBytesPerSecond - bytesPerSecond;
        return left > 0 ? OptionalDouble.of(bytesPerSecond * outage.seconds() / left) : OptionalDouble.empty();
    }
}
