package io.tidemark.nbd.protocol;

/** The form of the headers in the transmission phase, as agreed in the handshake. */
public enum HeaderStyle {
    /** What every client knows: no chunks, no errors inside a read, 32-bit lengths. */
    SIMPLE,
    /** Replies in chunks ({@code NBD_OPT_STRUCTURED_REPLY}). */
    STRUCTURED,
    /** Replies in chunks, 64-bit lengths both ways ({@code NBD_OPT_EXTENDED_HEADERS}). */
    EXTENDED;

    /** Whether a reply may be several chunks. */
    public boolean chunked() {
        return this != SIMPLE;
    }
}
