package io.tidemark.journal.segment;

import io.tidemark.journal.Incarnation;
import io.tidemark.journal.JournalId;
import io.tidemark.journal.format.BadRecord;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.util.UUID;
import java.util.zip.CRC32C;

/** The first document of a segment: docs/journal.md, section 2, "Segment header". */
public record SegmentHeader(JournalId journal, long number, Incarnation incarnation, UUID boot) {

    public static final int BYTES = 64;

    private static final int MAGIC = 'T' | 'M' << 8 | 'S' << 16 | '1' << 24;
    private static final short VERSION = 1;

    private static final int VERSION_AT = 4;
    private static final int JOURNAL_AT = 8;
    private static final int NUMBER_AT = 24;
    private static final int INCARNATION_AT = 32;
    private static final int BOOT_AT = 40;
    private static final int CRC_AT = 60;

    public ByteBuffer encode() {
        ByteBuffer bytes = ByteBuffer.allocateDirect(BYTES).order(ByteOrder.LITTLE_ENDIAN);
        bytes.putInt(0, MAGIC).putShort(VERSION_AT, VERSION);
        bytes.putLong(JOURNAL_AT, journal.id().getMostSignificantBits());
        bytes.putLong(JOURNAL_AT + 8, journal.id().getLeastSignificantBits());
        bytes.putLong(NUMBER_AT, number).putLong(INCARNATION_AT, incarnation.number());
        bytes.putLong(BOOT_AT, boot.getMostSignificantBits()).putLong(BOOT_AT + 8, boot.getLeastSignificantBits());
        return bytes.putInt(CRC_AT, checksum(bytes));
    }

    public static SegmentHeader decode(ByteBuffer document) throws BadRecord {
        if (document.remaining() != BYTES) {
            throw new BadRecord("segment header of " + document.remaining() + " bytes");
        }
        ByteBuffer bytes = document.slice().order(ByteOrder.LITTLE_ENDIAN);
        if (bytes.getInt(0) != MAGIC || bytes.getShort(VERSION_AT) != VERSION) {
            throw new BadRecord("not a segment header of a known version");
        }
        if (checksum(bytes) != bytes.getInt(CRC_AT)) {
            throw new BadRecord("checksum of the segment header");
        }
        return new SegmentHeader(
                new JournalId(new UUID(bytes.getLong(JOURNAL_AT), bytes.getLong(JOURNAL_AT + 8))),
                bytes.getLong(NUMBER_AT),
                new Incarnation(bytes.getLong(INCARNATION_AT)),
                new UUID(bytes.getLong(BOOT_AT), bytes.getLong(BOOT_AT + 8)));
    }

    private static int checksum(ByteBuffer bytes) {
        CRC32C crc = new CRC32C();
        crc.update(bytes.slice(0, CRC_AT));
        return (int) crc.getValue();
    }
}
