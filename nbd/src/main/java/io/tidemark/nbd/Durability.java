package io.tidemark.nbd;

/** What {@code Done} promises of a change. */
public enum Durability {
    /** Later requests see it. A power cut may undo it. */
    ORDERED,
    /** It is on stable storage ({@code NBD_CMD_FLAG_FUA}). */
    DURABLE
}
