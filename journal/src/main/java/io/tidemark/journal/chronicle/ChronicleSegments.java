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
import java.util.Optional;

/**
 * Makes new segments whose every byte is allocated, so that appending to one can neither meet a full disk nor touch a
 * page for the first time.
 */
public final class ChronicleSegments implements SegmentWriter.Factory {

    /** What Chronicle maps at a time; a document may take a quarter of it, and as much is mapped beyond the end. */
    private static final long BLOCK_BYTES_MAX = 32L << 20;

    /**
     * What is written at a time when a file is filled. Linux keeps what one write has put into the page cache as one folio, and
     * a force writes all of a folio that was touched through a mapping: in steps of 1 MiB a force after one small record
     * takes three times as long, and writes 1 MiB.
     */
    private static final int STEP_BYTES = 64 << 10;

    private static final long PAGE_BYTES = 4096;

    @Override
    public SegmentWriter create(SegmentFolder folder, SegmentHeader header, long capacity, Optional<Path> spare)
            throws IOException {
        Files.createDirectory(folder.path());
        long size = bytesOnDisk(capacity);
        if (spare.isPresent()) {
            try (FileChannel file = open(spare.get())) {
                zero(file, 0, size);
                file.force(true);
            }
        }
        ChronicleSegment segment = new ChronicleSegment(folder, header, capacity, blockBytes(capacity), spare);
        try {
            allocate(segment.channel(), segment.end(), spare.isPresent() ? segment.end() : size);
            try (FileChannel table = open(folder.path().resolve("metadata.cq4t"))) {
                allocate(table, table.size(), table.size());
            }
            SegmentFolder.forceDirectory(folder.path());
            return segment;
        } catch (IOException | RuntimeException | InternalError e) {
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
        long kept = (used + PAGE_BYTES - 1) / PAGE_BYTES * PAGE_BYTES;
        rewrite(channel, Math.min(kept, size));
        zero(channel, kept, size);
        channel.force(true);
    }

    private static void rewrite(FileChannel channel, long size) throws IOException {
        ByteBuffer pages = ByteBuffer.allocateDirect(STEP_BYTES);
        long at = 0;
        while (at < size) {
            pages.clear().limit((int) Math.min(pages.capacity(), size - at));
            int read = channel.read(pages, at);
            if (read <= 0) {
                throw new IOException("cannot read back " + size + " bytes that were just written");
            }
            at += writeAll(channel, pages.flip(), at);
        }
    }

    private static void zero(FileChannel channel, long from, long to) throws IOException {
        ByteBuffer zeroes = ByteBuffer.allocateDirect(STEP_BYTES);
        long at = from;
        while (at < to) {
            zeroes.clear().limit((int) Math.min(zeroes.capacity(), to - at));
            at += writeAll(channel, zeroes, at);
        }
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
