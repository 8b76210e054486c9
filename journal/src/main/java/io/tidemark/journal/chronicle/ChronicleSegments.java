package io.tidemark.journal.chronicle;

import io.tidemark.journal.segment.SegmentFolder;
import io.tidemark.journal.segment.SegmentHeader;
import io.tidemark.journal.segment.SegmentWriter;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;

/**
 * Makes new segments whose every byte is allocated, so that appending to one can neither meet a full disk nor touch a
 * page for the first time.
 */
public final class ChronicleSegments implements SegmentWriter.Factory {

    /** What Chronicle maps at a time; a document may take a quarter of it, and as much is mapped beyond the end. */
    private static final long BLOCK_BYTES_MAX = 32L << 20;

    private static final int ZEROES_BYTES = 1 << 20;
    private static final long PAGE_BYTES = 4096;

    @Override
    public SegmentWriter create(SegmentFolder folder, SegmentHeader header, long capacity) throws IOException {
        Files.createDirectory(folder.path());
        ChronicleSegment segment = new ChronicleSegment(folder, header, capacity, blockBytes(capacity));
        try {
            allocate(segment.channel(), segment.end(), bytesOnDisk(capacity));
            try (FileChannel table = open(folder.path().resolve("metadata.cq4t"))) {
                allocate(table, table.size(), table.size());
            }
            SegmentFolder.forceDirectory(folder.path());
            return segment;
        } catch (IOException | RuntimeException e) {
            segment.close();
            throw e;
        }
    }

    @Override
    public long bytesOnDisk(long capacity) {
        return capacity + blockBytes(capacity) / 4;
    }

    @Override
    public int documentBytesMax(long capacity) {
        return (int) (blockBytes(capacity) / 4);
    }

    private static long blockBytes(long capacity) {
        return Math.min(BLOCK_BYTES_MAX, capacity);
    }

    /** Writes every page of the file: those below {@code used} as they are, the rest as zeroes. Durable on return. */
    private static void allocate(FileChannel channel, long used, long size) throws IOException {
        ByteBuffer pages = ByteBuffer.allocateDirect(ZEROES_BYTES);
        long at = 0;
        long kept = Math.min(size, (used + PAGE_BYTES - 1) / PAGE_BYTES * PAGE_BYTES);
        while (at < kept) {
            pages.clear().limit((int) Math.min(pages.capacity(), kept - at));
            int read = channel.read(pages, at);
            if (read <= 0) {
                throw new IOException("cannot read back " + kept + " bytes that were just written");
            }
            at += writeAll(channel, pages.flip(), at);
        }
        pages = ByteBuffer.allocateDirect(ZEROES_BYTES);
        while (at < size) {
            pages.clear().limit((int) Math.min(pages.capacity(), size - at));
            at += writeAll(channel, pages, at);
        }
        channel.force(true);
    }

    private static long writeAll(FileChannel channel, ByteBuffer bytes, long at) throws IOException {
        long written = 0;
        while (bytes.hasRemaining()) {
            written += channel.write(bytes, at + written);
        }
        return written;
    }

    private static FileChannel open(Path file) throws IOException {
        return FileChannel.open(file, StandardOpenOption.READ, StandardOpenOption.WRITE);
    }
}
