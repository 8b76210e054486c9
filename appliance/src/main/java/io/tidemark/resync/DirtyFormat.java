package io.tidemark.resync;

import io.tidemark.journal.Sequence;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.util.Optional;
import java.util.zip.CRC32C;

/** The layout of a bitmap in a file: docs/journal.md, section 9. */
final class DirtyFormat {

    /** {@code TMD1}, read as a little-endian integer: blocks that are complete by themselves. */
    private static final int MAGIC = 'T' | 'M' << 8 | 'D' << 16 | '1' << 24;

    /** {@code TMD2}: blocks that are complete up to a record. */
    private static final int MAGIC_TRACKED = 'T' | 'M' << 8 | 'D' << 16 | '2' << 24;

    private static final int BLOCK_BYTES_AT = 4;
    private static final int SIZE_AT = 8;
    private static final int HEADER_BYTES = 16;
    private static final int TRACKED_BEHIND_AT = HEADER_BYTES;
    private static final int TRACKED_HEADER_BYTES = HEADER_BYTES + 8;
    private static final int CRC_BYTES = 4;

    private DirtyFormat() {}

    static byte[] encode(Kept kept) {
        DirtyBlocks dirty = kept.dirty();
        int header = kept.trackedBehind().isPresent() ? TRACKED_HEADER_BYTES : HEADER_BYTES;
        ByteBuffer out = ByteBuffer.allocate(header + bitmapBytes(dirty.blocks()) + CRC_BYTES)
                .order(ByteOrder.LITTLE_ENDIAN);
        out.putInt(0, kept.trackedBehind().isPresent() ? MAGIC_TRACKED : MAGIC)
                .putInt(BLOCK_BYTES_AT, DirtyBlocks.BLOCK_BYTES)
                .putLong(SIZE_AT, dirty.sizeBytes());
        kept.trackedBehind().ifPresent(record -> out.putLong(TRACKED_BEHIND_AT, record.number()));
        for (long block = dirty.next(0); block < dirty.blocks(); block = dirty.next(block + 1)) {
            int at = header + (int) (block / Byte.SIZE);
            out.put(at, (byte) (out.get(at) | 1 << block % Byte.SIZE));
        }
        out.putInt(out.capacity() - CRC_BYTES, checksum(out));
        return out.array();
    }

    /** A bitmap of a disk of whatever size it had when it was written. */
    static Kept decode(byte[] file) throws IOException {
        ByteBuffer in = ByteBuffer.wrap(file).order(ByteOrder.LITTLE_ENDIAN);
        int header = headerBytes(in);
        if (file.length < header + CRC_BYTES
                || in.getInt(BLOCK_BYTES_AT) != DirtyBlocks.BLOCK_BYTES
                || !fits(in.getLong(SIZE_AT), file.length - header - CRC_BYTES)) {
            throw new IOException("not a bitmap of a disk");
        }
        if (in.getInt(file.length - CRC_BYTES) != checksum(in)) {
            throw new IOException("checksum of a bitmap");
        }
        DirtyBlocks dirty = new DirtyBlocks(in.getLong(SIZE_AT));
        for (long block = 0; block < dirty.blocks(); block++) {
            if ((in.get(header + (int) (block / Byte.SIZE)) & 1 << block % Byte.SIZE) != 0) {
                dirty.mark(dirty.extent(block, block + 1));
            }
        }
        return new Kept(dirty, trackedBehind(in, header));
    }

    private static int headerBytes(ByteBuffer file) throws IOException {
        int magic = file.capacity() < HEADER_BYTES ? 0 : file.getInt(0);
        return switch (magic) {
            case MAGIC -> HEADER_BYTES;
            case MAGIC_TRACKED -> TRACKED_HEADER_BYTES;
            default -> throw new IOException("not a bitmap of a disk");
        };
    }

    private static Optional<Sequence> trackedBehind(ByteBuffer file, int header) throws IOException {
        if (header == HEADER_BYTES) {
            return Optional.empty();
        }
        long number = file.getLong(TRACKED_BEHIND_AT);
        if (number < 0) {
            throw new IOException("record " + number + " in a bitmap");
        }
        return Optional.of(new Sequence(number));
    }

    private static boolean fits(long sizeBytes, int bitmapBytes) {
        return sizeBytes > 0
                && Math.ceilDiv(Math.ceilDiv(sizeBytes, DirtyBlocks.BLOCK_BYTES), Byte.SIZE) == bitmapBytes;
    }

    private static int bitmapBytes(long blocks) {
        return Math.toIntExact(Math.ceilDiv(blocks, Byte.SIZE));
    }

    private static int checksum(ByteBuffer file) {
        CRC32C crc = new CRC32C();
        crc.update(file.slice(0, file.capacity() - CRC_BYTES));
        return (int) crc.getValue();
    }
}
