package io.tidemark.journal;

/**
 * How full a journal is.
 *
 * @param usedBytes bytes of records and of the room prepared for them, on disk
 * @param preparedBytes the part of it that is prepared and holds no record yet
 * @param quotaBytes the journal's own limit
 * @param freeBytes what the file system has left
 * @param reserveBytes what must stay free on it
 * @param segments segments that hold records
 */
public record Usage(
        long usedBytes, long preparedBytes, long quotaBytes, long freeBytes, long reserveBytes, int segments) {

    /** Why the journal is at this limit, for people. */
    public String why(AppendOutcome.Limit limit) {
        return switch (limit) {
            case QUOTA -> "it has reached its quota of " + quotaBytes + " bytes";
            case RESERVE -> "its file system has no more than the reserve of " + reserveBytes + " bytes free";
        };
    }

    /** How much of all that it may take is taken by records, from 0 to 1; what is prepared and holds none yet is room. */
    public double fullness() {
        double total = usedBytes + (double) roomBytes();
        return total == 0 ? 1 : heldBytes() / total;
    }

    /** Bytes of the segments that hold records. */
    public long heldBytes() {
        return usedBytes - preparedBytes;
    }

    /** Bytes that can still be taken before one of the limits is met. */
    public long roomBytes() {
        return Math.max(0, Math.min(quotaBytes - usedBytes, freeBytes - reserveBytes));
    }
}
