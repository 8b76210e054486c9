package io.tidemark.journal.log;

import java.io.IOException;
import java.lang.foreign.MemorySegment;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;

/**
 * Writes a file over with the bytes it shows, and forces it.
 *
 * <p>What can be read need not be on the disk, nor need a force of it bring it there: after one that failed the kernel takes the pages for
 * clean, and shows them until it needs their room. Only what is written anew is forced.
 */
final class Rewriting {

    private static final int STEP_BYTES = 1 << 16;
    private static final MemorySegment ZEROES = MemorySegment.ofArray(new byte[STEP_BYTES]);

    private Rewriting() {}

    /** All that the file shows is durable on return. No byte of it is changed, whatever crash comes in the middle. */
    static void of(Path file) throws IOException {
        try (FileChannel channel = FileChannel.open(file, StandardOpenOption.READ, StandardOpenOption.WRITE)) {
            ByteBuffer bytes = ByteBuffer.allocateDirect(STEP_BYTES);
            for (long at = 0; at < channel.size(); at += STEP_BYTES) {
                fill(channel, bytes.clear(), at);
                if (isNotBlank(bytes.flip())) { // else it shows what was there before anything could be lost
                    write(channel, bytes, at);
                }
            }
            channel.force(true);
        }
    }

    private static void fill(FileChannel channel, ByteBuffer into, long from) throws IOException {
        int read = 0;
        while (into.hasRemaining() && read >= 0) {
            read = channel.read(into, from + into.position());
        }
    }

    private static void write(FileChannel channel, ByteBuffer bytes, long from) throws IOException {
        while (bytes.hasRemaining()) {
            channel.write(bytes, from + bytes.position());
        }
    }

    private static boolean isNotBlank(ByteBuffer bytes) {
        MemorySegment all = MemorySegment.ofBuffer(bytes);
        return all.mismatch(ZEROES.asSlice(0, all.byteSize())) >= 0;
    }
}
