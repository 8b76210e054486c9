package io.tidemark.nbd;

/**
 * What a client should know about the sizes of its requests (proto.md, "Block size constraints").
 *
 * @param minimumBytes requests must be multiples of it; a power of two up to 64 KiB
 * @param preferredBytes aligned requests of this size are efficient; a power of two from 512 on
 * @param payloadBytesMax the longest read or write; a multiple of the minimum
 */
public record BlockSizes(int minimumBytes, int preferredBytes, int payloadBytesMax) {
    private static final int MINIMUM_BYTES_MAX = 1 << 16;
    private static final int PREFERRED_BYTES_MIN = 512;

    /** Any byte may be addressed, 4 KiB is best, 32 MiB is the most in one request. */
    public static final BlockSizes STANDARD = new BlockSizes(1, 4096, 32 << 20);

    public BlockSizes {
        if (Integer.bitCount(minimumBytes) != 1 || minimumBytes > MINIMUM_BYTES_MAX) {
            throw new IllegalArgumentException("minimum block size " + minimumBytes);
        }
        if (Integer.bitCount(preferredBytes) != 1 || preferredBytes < Math.max(minimumBytes, PREFERRED_BYTES_MIN)) {
            throw new IllegalArgumentException("preferred block size " + preferredBytes);
        }
        if (payloadBytesMax < preferredBytes || payloadBytesMax % minimumBytes != 0) {
            throw new IllegalArgumentException("maximum payload " + payloadBytesMax);
        }
    }
}
