package io.tidemark.system.kill;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.ByteBuffer;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.stream.LongStream;

/**
 * What a disk holds: for each block the number of the write that filled it, or zero.
 *
 * <p>A block bears its write's number and its own place from its first byte to its last, so that what is torn, misplaced or
 * of another disk is found where it is read.
 */
public record Image(String disk, List<Long> blocks) {

    public static final int BLOCK_BYTES = 4096;

    public Image {
        blocks = List.copyOf(blocks);
    }

    /** What a write with this number puts into a block. */
    public static byte[] block(String disk, int block, long number) {
        ByteBuffer bytes = ByteBuffer.allocate(BLOCK_BYTES);
        while (bytes.hasRemaining()) {
            bytes.putLong(number).putLong(place(disk, block));
        }
        return bytes.array();
    }

    /** Reads the raw image of a disk; a block that no single write has filled is the end. */
    public static Image read(String disk, Path file) {
        try {
            ByteBuffer bytes = ByteBuffer.wrap(Files.readAllBytes(file));
            int count = bytes.capacity() / BLOCK_BYTES;
            return new Image(
                    disk,
                    LongStream.range(0, count)
                            .map(block ->
                                    number(disk, (int) block, bytes.slice((int) block * BLOCK_BYTES, BLOCK_BYTES)))
                            .boxed()
                            .toList());
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    private static long number(String disk, int block, ByteBuffer found) {
        long number = found.getLong(0);
        byte[] whole = number == 0 ? new byte[BLOCK_BYTES] : block(disk, block, number);
        int wrong = found.mismatch(ByteBuffer.wrap(whole));
        if (wrong >= 0) {
            throw new AssertionError("disk %s, block %d: begins as of write %d, but not at byte %d"
                    .formatted(disk, block, number, wrong));
        }
        return number;
    }

    private static long place(String disk, int block) {
        return (long) disk.hashCode() << 32 | block;
    }
}
