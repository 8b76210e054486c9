package io.tidemark.stage;

import io.tidemark.journal.chronicle.ChronicleSegments;
import io.tidemark.journal.segment.SegmentFolder;
import io.tidemark.journal.segment.SegmentHeader;
import io.tidemark.journal.segment.SegmentWriter;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.file.Path;
import java.util.Optional;
import java.util.concurrent.CountDownLatch;

/** Real segments on a disk that waits or fails when it is told to. */
public final class StagedSegments implements SegmentWriter.Factory {

    private final ChronicleSegments real = new ChronicleSegments();
    private volatile CountDownLatch gate = new CountDownLatch(0);
    private volatile boolean failing;

    /** From now on a force waits for {@link #release}. */
    public void hold() {
        gate = new CountDownLatch(1);
    }

    public void release() {
        gate.countDown();
    }

    /** From now on a force fails. */
    public void fail() {
        failing = true;
    }

    @Override
    public SegmentWriter create(SegmentFolder folder, SegmentHeader header, long capacity, Optional<Path> spare)
            throws IOException {
        return new Staged(real.create(folder, header, capacity, spare));
    }

    @Override
    public long bytesOnDisk(long capacity) {
        return real.bytesOnDisk(capacity);
    }

    @Override
    public int documentBytesMax(long capacity) {
        return real.documentBytesMax(capacity);
    }

    private final class Staged implements SegmentWriter {

        private final SegmentWriter writer;

        Staged(SegmentWriter writer) {
            this.writer = writer;
        }

        @Override
        public long append(ByteBuffer head, ByteBuffer body) {
            return writer.append(head, body);
        }

        @Override
        public long end() {
            return writer.end();
        }

        @Override
        public boolean hasRoom(long bytes) {
            return writer.hasRoom(bytes);
        }

        @Override
        public void force() throws IOException {
            try {
                gate.await();
            } catch (InterruptedException e) {
                Thread.currentThread().interrupt();
            }
            if (failing) {
                throw new IOException("Input/output error");
            }
            writer.force();
        }

        @Override
        public void close() throws IOException {
            writer.close();
        }
    }
}
