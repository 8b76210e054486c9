package io.tidemark.resync;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.util.zip.CRC32C;

/** The layout of a bitmap in a file: docs/journal.md, section 9. */
final class DirtyFormat {

    /** {@code TMD1}, read as a little-endian integer. */
    private static final int MAGIC = 'T' | 'M' << 8 | 'D' << 16 | '1' << 24;

    private static final int SIZE_AT = 8;
    private static final int HEADER_BYTES = 16;
    private static final int CRC_BYTES = 4;

    private DirtyFormat() {}

    static byte[] encode(DirtyBlocks dirty) {
        ByteBuffer out = ByteBuffer.allocate(HEADER_BYTES + bitmapBytes(dirty.blocks()) + CRC_BYTES)
                .order(ByteOrder.LITTLE_ENDIAN);
        out.putInt(0, MAGIC).putInt(4, DirtyBlocks.BLOCK_BYTES).putLong(SIZE_AT, dirty.sizeBytes());
        for (long block = dirty.next(0); block < dirty.blocks(); block = dirty.next(block + 1)) {
            int at = HEADER_BYTES + (int) (block / Byte.SIZE);
            out.put(at, (byte) (out.get(at) | 1 << block % Byte.SIZE));
        }
        out.putInt(out.capacity() - CRC_BYTES, checksum(out));
        return out.array();
    }

    /** A bitmap of a disk of whatever size it had when it was written. */
    static DirtyBlocks decode(byte[] file) throws IOException {
        ByteBuffer in = ByteBuffer.wrap(file).order(ByteOrder.LITTLE_ENDIAN);
        if (file.length < HEADER_BYTES + CRC_BYTES
                || in.getInt(0) != MAGIC
                || in.getInt(4) != DirtyBlocks.BLOCK_BYTES
                || !fits(in.getLong(SIZE_AT), file.length)) {
            throw new IOException("not a bitmap of a disk");
        }
        if (in.getInt(file.length - CRC_BYTES) != checksum(in)) {
            throw new IOException("checksum of a bitmap");
        }
        DirtyBlocks dirty = new DirtyBlocks(in.getLong(SIZE_AT));
        for (long block = 0; block < dirty.blocks(); block++) {
            if ((in.get(HEADER_BYTES + (int) (block / Byte.SIZE)) & 1 << block % Byte.SIZE) != 0) {
                dirty.mark(dirty.extent(block, block + 1));
            }
        }
        return dirty;
    }

    private static boolean fits(long sizeBytes, int fileBytes) {
        long bitmapBytes = (long) fileBytes - HEADER_BYTES - CRC_BYTES;
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
