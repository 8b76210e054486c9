package io.tidemark.journal.format;

import io.tidemark.journal.Shipping;
import io.tidemark.journal.Side;

/** The layout of a record: docs/journal.md, section 2, "Record". */
public final class RecordFormat {

    /** {@code TMR1}, read as a little-endian integer. */
    public static final int MAGIC = 'T' | 'M' << 8 | 'R' << 16 | '1' << 24;

    public static final byte VERSION = 1;

    public static final int MAGIC_AT = 0;
    public static final int VERSION_AT = 4;
    public static final int TYPE_AT = 5;
    public static final int FLAGS_AT = 6;
    public static final int SEQUENCE_AT = 8;
    public static final int STREAM_AT = 16;
    public static final int EPOCH_AT = 32;
    public static final int OFFSET_AT = 40;
    public static final int LENGTH_AT = 48;
    public static final int TIME_AT = 56;
    public static final int PAYLOAD_BYTES_AT = 64;
    public static final int CRC_AT = 68;
    public static final int HEADER_BYTES = 72;

    /** The largest payload: one piece of a guest's write is at most 1 MiB, a VM's definition somewhat more. */
    public static final int PAYLOAD_BYTES_MAX = 4 << 20;

    public static final int RECORD_BYTES_MAX = HEADER_BYTES + PAYLOAD_BYTES_MAX;

    public static final byte WRITE = 1;
    public static final byte ZERO = 2;
    public static final byte TRIM = 3;
    public static final byte FLUSH = 4;
    public static final byte CUT = 5;
    public static final byte COPY_BEGIN = 6;
    public static final byte COPY_END = 7;
    public static final byte GAP = 8;
    public static final byte AWAIT_RESTART = 9;
    public static final byte GUEST_RESTARTED = 10;
    public static final byte TRACK = 11;
    public static final byte OPENED = 14;
    public static final byte CLOSED = 15;
    public static final byte VM_DEFINED = 16;
    public static final byte VM_REMOVED = 17;

    /** A zeroed extent stays allocated. */
    public static final short FLAG_KEEP_ALLOCATED = 1;

    /** {@link Shipping#COPIED}. */
    public static final short FLAG_COPIED = 2;

    /** {@link Shipping#LEFT_OUT}. */
    public static final short FLAG_LEFT_OUT = 4;

    /** Length field of a {@link #TRACK}: all blocks are dirty, or those that were changed behind a record. */
    static final long TRACK_ALL = 1;

    static final long TRACK_BEHIND = 0;

    private static final byte SIDE_INTAKE = 1;
    private static final byte SIDE_SHIP = 2;

    /** Payload of {@link #OPENED}: incarnation, boot id. */
    static final int OPENED_BYTES = 8 + 16;

    private RecordFormat() {}

    /** The bytes of a record that changes {@code length} bytes of a disk, with or without a payload of as many. */
    public static long bytes(long length, boolean payload) {
        return HEADER_BYTES + (payload ? length : 0);
    }

    /** The side of a copy as a record's length field says it. */
    public static byte code(Side side) {
        return switch (side) {
            case INTAKE -> SIDE_INTAKE;
            case SHIP -> SIDE_SHIP;
        };
    }

    /** What becomes of a change, as a record's flags say it. */
    static short flag(Shipping shipping) {
        return switch (shipping) {
            case SHIPPED -> 0;
            case COPIED -> FLAG_COPIED;
            case LEFT_OUT -> FLAG_LEFT_OUT;
        };
    }

    /** The reverse of {@link #flag}. */
    static Shipping shipping(int flags) throws BadRecord {
        return switch (flags & (FLAG_COPIED | FLAG_LEFT_OUT)) {
            case 0 -> Shipping.SHIPPED;
            case FLAG_COPIED -> Shipping.COPIED;
            case FLAG_LEFT_OUT -> Shipping.LEFT_OUT;
            default -> throw new BadRecord("flags " + Integer.toHexString(flags));
        };
    }

    /** The reverse of {@link #code}. */
    public static Side side(long code) throws BadRecord {
        if (code == SIDE_INTAKE) {
            return Side.INTAKE;
        }
        if (code == SIDE_SHIP) {
            return Side.SHIP;
        }
        throw new BadRecord("side " + code);
    }
}
