package io.tidemark.link;

/** How many bytes of ranges may be on their way and not yet received (docs/protocol.md, section 4). */
public record Credit(long bytes) {

    /** Any one range fits, so the next one in order always can be sent. */
    public static final long BYTES_MIN = 8 << 20;

    /** What a range counts beside its records: many small ranges are not free either. */
    public static final int RANGE_BYTES = 512;

    public Credit {
        if (bytes < BYTES_MIN) {
            throw new IllegalArgumentException("credit of " + bytes + " bytes, below " + BYTES_MIN);
        }
    }

    /** What a range of so many bytes of records, uncompressed, takes from the credit. */
    public static int cost(int recordBytes) {
        return Math.addExact(recordBytes, RANGE_BYTES);
    }
}
