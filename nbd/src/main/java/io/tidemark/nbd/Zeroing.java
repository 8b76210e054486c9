package io.tidemark.nbd;

/**
 * How an extent is to be made to read as zeroes.
 *
 * @param durability with {@link Durability#DURABLE}, {@code Done} means that the zeroes are on stable storage
 */
public record Zeroing(Extent extent, Space space, Speed speed, Durability durability) {

    /** What may become of the space behind the extent. */
    public enum Space {
        /** It may be given back. */
        MAY_BE_FREED,
        /** It is kept, or taken, so that later writes cannot run short ({@code NBD_CMD_FLAG_NO_HOLE}). */
        STAYS_ALLOCATED
    }

    /** How long it may take. */
    public enum Speed {
        ANY,
        /** Less than writing the zeroes would, else not at all ({@code NBD_CMD_FLAG_FAST_ZERO}). */
        FAST_ONLY
    }
}
