package io.tidemark.link.protocol;

/** The numbers of docs/protocol.md, under its section titles. */
public final class Constants {

    /** The newest version this site speaks. */
    public static final int VERSION = 4;

    /** The oldest version this site speaks. */
    static final int VERSION_LOWEST = 1;

    /** The first version that has TERM. */
    static final int VERSION_OF_TERMS = 2;

    /** The first version that has COMPARE and EQUAL. */
    static final int VERSION_OF_COMPARISONS = 3;

    /** The first version in which VMs may have a priority. */
    static final int VERSION_OF_PRIORITIES = 4;

    /** The first version in which VMs may name their clients. */
    static final int VERSION_OF_CLIENTS = 4;

    // "Frames"
    /** {@code TML1}, read as a little-endian integer. */
    static final int MAGIC = 'T' | 'M' << 8 | 'L' << 16 | '1' << 24;

    static final int TYPE_AT = 4;
    static final int ZERO_BYTE_AT = 5;
    static final int ZERO_SHORT_AT = 6;
    static final int BODY_BYTES_AT = 8;
    static final int CRC_AT = 12;

    /** What follows a body that is not empty, and the fields of a RANGE. */
    static final int CRC_BYTES = 4;

    public static final int FRAME_HEADER_BYTES = 16;
    static final int BODY_BYTES_MAX = 8 << 20;
    static final int CONTROL_BODY_BYTES_MAX = 64 << 10;

    // "Handshake", HELLO
    static final int CONNECTIONS_MAX = 64;

    // "Shipping", RANGE
    public static final int RANGE_FIELDS_BYTES = 8 + 8 + 8 + 4 + 4 + 1 + 1 + 2 + CRC_BYTES;
    static final int RANGE_BYTES_MAX = 6 << 20;
    static final int ENCODING_PLAIN = 0;
    static final int ENCODING_ZSTD = 1;
    static final int KIND_FULL = 0;
    static final int KIND_PARTIAL = 1;

    // "Shipping", TERM
    static final int TERM_HELD = 0;
    static final int TERM_WANTED = 1;
    static final int TERM_YIELDED = 2;
    static final int TERM_WITHDRAWN = 3;
    static final int TERM_BASING = 4;
    static final int TERM_BASED = 5;
    static final int TERM_BASELESS = 6;
    static final int TERM_AGREED = 7;
    static final int TERM_WHOLE = 8;

    private Constants() {}
}
