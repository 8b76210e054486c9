package io.tidemark.journal.chronicle;

import io.tidemark.journal.Fault;
import io.tidemark.journal.segment.SegmentFolder;
import io.tidemark.journal.segment.SegmentHeader;
import io.tidemark.journal.segment.SegmentWriter;
import java.io.IOException;
import java.lang.foreign.MemorySegment;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.nio.file.StandardOpenOption;
import java.util.Optional;
import net.openhft.chronicle.bytes.Bytes;
import net.openhft.chronicle.bytes.SyncMode;
import net.openhft.chronicle.queue.ExcerptAppender;
import net.openhft.chronicle.queue.RollCycles;
import net.openhft.chronicle.queue.impl.single.SingleChronicleQueue;
import net.openhft.chronicle.queue.impl.single.SingleChronicleQueueBuilder;
import net.openhft.chronicle.wire.DocumentContext;

/**
 * A segment that is a Chronicle queue of one cycle, written from its creation to its end by one life of one process.
 *
 * <p>Durability is {@link FileChannel#force} on a channel of our own; the queue's {@code sync} is never called.
 */
final class ChronicleSegment implements SegmentWriter {

    /** What Chronicle adds to its own index in front of a document, at the most. */
    private static final long CHRONICLE_INDEX_BYTES = 1L << 16;

    private final SegmentFolder folder;
    private final long capacity;
    private final SingleChronicleQueue queue;
    private final ExcerptAppender appender;
    private final FileChannel channel;
    private long end;

    /**
     * Creates the file, or takes a zeroed one, and writes the segment header; the rest of the room of a new file is not
     * allocated yet.
     */
    ChronicleSegment(SegmentFolder folder, SegmentHeader header, long capacity, long blockBytes, Optional<Path> zeroed)
            throws IOException {
        this.folder = folder;
        this.capacity = capacity;
        queue = SingleChronicleQueueBuilder.single(folder.path().toFile())
                .rollCycle(RollCycles.FAST_HOURLY)
                .timeProvider(() -> 0)
                .blockSize(blockBytes)
                .syncMode(SyncMode.NONE)
                .build();
        appender = queue.createAppender();
        appender.singleThreadedCheckDisabled(true); // prepared by one thread, used by another
        try {
            if (zeroed.isPresent()) { // not earlier: an appender waits ten seconds for the header of a file it finds
                Files.move(zeroed.get(), folder.cycleFile(), StandardCopyOption.ATOMIC_MOVE);
            }
            append(header.encode(), ByteBuffer.allocate(0));
            if (!Files.exists(folder.cycleFile())) {
                throw new Fault("segment " + folder.number() + ": Chronicle did not create " + folder.cycleFile());
            }
            channel = FileChannel.open(folder.cycleFile(), StandardOpenOption.READ, StandardOpenOption.WRITE);
        } catch (IOException | RuntimeException e) {
            appender.close();
            queue.close();
            throw e;
        }
    }

    FileChannel channel() {
        return channel;
    }

    @Override
    public long append(ByteBuffer head, ByteBuffer body) {
        try (DocumentContext document = appender.writingDocument()) {
            Bytes<?> bytes = document.wire().bytes();
            long start = bytes.writePosition();
            try {
                copy(head, bytes);
                copy(body, bytes);
            } catch (Throwable e) {
                document.rollbackOnClose();
                throw e;
            }
            end = (bytes.writePosition() + 3) & ~3L;
            return start;
        } catch (InternalError e) {
            throw new Fault("segment " + folder.number() + ": the mapping of " + folder.cycleFile() + " failed", e);
        }
    }

    @Override
    public long end() {
        return end;
    }

    @Override
    public boolean hasRoom(long bytes) {
        return capacity - CHRONICLE_INDEX_BYTES - end >= bytes;
    }

    @Override
    public void force() throws IOException {
        channel.force(false);
    }

    @Override
    public void close() throws IOException {
        appender.close();
        queue.close();
        channel.close();
    }

    private static void copy(ByteBuffer from, Bytes<?> to) {
        int length = from.remaining();
        if (from.isDirect()) {
            to.unsafeWrite(MemorySegment.ofBuffer(from).address(), length);
        } else if (from.hasArray()) {
            to.write(from.array(), from.arrayOffset() + from.position(), length);
        } else {
            byte[] copy = new byte[length];
            from.get(from.position(), copy);
            to.write(copy);
        }
    }
}
