package io.tidemark.journal.format;

import io.tidemark.journal.InvalidRange;
import io.tidemark.journal.JournalRecord;
import io.tidemark.journal.Range;
import io.tidemark.journal.Sequence;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.util.ArrayList;
import java.util.List;
import java.util.zip.CRC32C;

/** The layout of a range in a replica's journal: docs/journal.md, section 2, "Range". */
public final class RangeFormat {

    /** {@code TMG1}, read as a little-endian integer. */
    public static final int MAGIC = 'T' | 'M' << 8 | 'G' << 16 | '1' << 24;

    public static final int HEADER_BYTES = 40;

    /** The largest body: a record of the largest size and what came before it. */
    public static final int BODY_BYTES_MAX = 6 << 20;

    private static final byte VERSION = 1;
    private static final byte KIND_FULL = 0;
    private static final byte KIND_PARTIAL = 1;

    private static final int VERSION_AT = 4;
    private static final int KIND_AT = 5;
    private static final int FIRST_AT = 8;
    private static final int LAST_AT = 16;
    private static final int COUNT_AT = 24;
    private static final int EXTRA_BYTES_AT = 28;
    private static final int BODY_BYTES_AT = 32;
    private static final int CRC_AT = 36;

    private RangeFormat() {}

    /** The 40 bytes of the header of a range without extra fields, ready to be read. */
    public static ByteBuffer header(Range range) {
        ByteBuffer header = ByteBuffer.allocateDirect(HEADER_BYTES).order(ByteOrder.LITTLE_ENDIAN);
        header.putInt(0, MAGIC).put(VERSION_AT, VERSION).put(KIND_AT, kind(range));
        header.putLong(FIRST_AT, range.first().number())
                .putLong(LAST_AT, range.last().number());
        header.putInt(COUNT_AT, range.count())
                .putInt(EXTRA_BYTES_AT, 0)
                .putInt(BODY_BYTES_AT, range.body().remaining());
        return header.putInt(CRC_AT, checksum(header));
    }

    /** Whether the bytes begin as a range does. */
    public static boolean isRange(ByteBuffer document) {
        return document.remaining() >= 4
                && document.slice(document.position(), 4)
                                .order(ByteOrder.LITTLE_ENDIAN)
                                .getInt()
                        == MAGIC;
    }

    /** Reads the range that fills the document exactly; its records are not looked at. */
    public static Range decode(ByteBuffer document) throws BadRecord {
        if (document.remaining() < HEADER_BYTES) {
            throw new BadRecord("range header of " + document.remaining() + " bytes");
        }
        ByteBuffer bytes = document.slice().order(ByteOrder.LITTLE_ENDIAN);
        if (bytes.getInt(0) != MAGIC || bytes.get(VERSION_AT) != VERSION) {
            throw new BadRecord("not a range of a known version");
        }
        if (checksum(bytes) != bytes.getInt(CRC_AT)) {
            throw new BadRecord("checksum of the range header");
        }
        int body = bytes.getInt(BODY_BYTES_AT);
        if (bytes.getInt(EXTRA_BYTES_AT) != 0 || body < 0 || body != bytes.remaining() - HEADER_BYTES) {
            throw new BadRecord("range with a body of " + body + " bytes in " + bytes.remaining());
        }
        Range range;
        try {
            range = new Range(
                    new Sequence(bytes.getLong(FIRST_AT)),
                    new Sequence(bytes.getLong(LAST_AT)),
                    bytes.getInt(COUNT_AT),
                    bytes.slice(HEADER_BYTES, body));
        } catch (IllegalArgumentException e) {
            throw new BadRecord(String.valueOf(e.getMessage()));
        }
        if (bytes.get(KIND_AT) != kind(range)) {
            throw new BadRecord("range of kind " + bytes.get(KIND_AT));
        }
        return range;
    }

    /** The records of a range, each verified, in the order of their sequences: its last, and what it has before that. */
    public static List<JournalRecord> records(Range range, RecordDecoder decoder) throws InvalidRange {
        if (range.last().number() == Long.MAX_VALUE) {
            throw new InvalidRange("range up to the largest sequence there is, with none behind it");
        }
        List<JournalRecord> records = new ArrayList<>(Math.min(range.count(), 1 << 16));
        ByteBuffer body = range.body().duplicate();
        Sequence last = range.first().previous();
        while (body.hasRemaining()) {
            JournalRecord record;
            try {
                record = decoder.decode(body);
            } catch (BadRecord e) {
                throw new InvalidRange("range " + range.first() + ".." + range.last() + ": behind record " + last + ": "
                        + e.getMessage());
            }
            if (!record.sequence().isAfter(last)) {
                throw new InvalidRange("range " + range.first() + ".." + range.last() + ": record " + record.sequence()
                        + " behind " + last);
            }
            records.add(record);
            last = record.sequence();
        }
        if (records.size() != range.count() || !last.equals(range.last())) {
            throw new InvalidRange("range " + range.first() + ".." + range.last() + " of " + range.count()
                    + " records holds " + records.size());
        }
        return records;
    }

    private static byte kind(Range range) {
        return range.isFull() ? KIND_FULL : KIND_PARTIAL;
    }

    private static int checksum(ByteBuffer header) {
        CRC32C crc = new CRC32C();
        crc.update(header.slice(0, CRC_AT));
        return (int) crc.getValue();
    }
}
