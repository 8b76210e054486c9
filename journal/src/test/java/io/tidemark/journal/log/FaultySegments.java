package io.tidemark.journal.log;

import io.tidemark.journal.chronicle.ChronicleSegments;
import io.tidemark.journal.segment.SegmentFolder;
import io.tidemark.journal.segment.SegmentHeader;
import io.tidemark.journal.segment.SegmentWriter;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.file.Path;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/** Segments on a disk that fails when it is told to. */
final class FaultySegments implements SegmentWriter.Factory {

    private final SegmentWriter.Factory real = new ChronicleSegments();
    private Runnable beforeCreate = () -> {};
    private @Nullable Throwable create;
    private @Nullable Throwable append;
    private @Nullable Throwable force;
    private int forcesLeft;

    void failCreate(Throwable trouble) {
        create = trouble;
    }

    void failAppend(Throwable trouble) {
        append = trouble;
    }

    void failForce(Throwable trouble) {
        failForceBehind(0, trouble);
    }

    /** So many forces of a segment still succeed. */
    void failForceBehind(int forces, Throwable trouble) {
        forcesLeft = forces;
        force = trouble;
    }

    /** What others do while a segment is made. */
    void beforeCreate(Runnable happening) {
        beforeCreate = happening;
    }

    /** From now on nothing fails. */
    void repair() {
        create = null;
        append = null;
        force = null;
    }

    @Override
    public SegmentWriter create(SegmentFolder folder, SegmentHeader header, long capacity, Optional<Path> spare)
            throws IOException {
        fail(create);
        beforeCreate.run();
        SegmentWriter writer = real.create(folder, header, capacity, spare);
        return new SegmentWriter() {
            @Override
            public long append(ByteBuffer head, ByteBuffer body) {
                try {
                    fail(append);
                } catch (IOException e) {
                    throw new AssertionError(e);
                }
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
                if (force != null && forcesLeft-- <= 0) {
                    fail(force);
                }
                writer.force();
            }

            @Override
            public void close() throws IOException {
                writer.close();
            }
        };
    }

    @Override
    public long bytesOnDisk(long capacity) {
        return real.bytesOnDisk(capacity);
    }

    @Override
    public int documentBytesMax(long capacity) {
        return real.documentBytesMax(capacity);
    }

    private static void fail(@Nullable Throwable trouble) throws IOException {
        switch (trouble) {
            case null -> {}
            case IOException e -> throw e;
            case RuntimeException e -> throw e;
            case Error e -> throw e;
            default -> throw new AssertionError(trouble);
        }
    }
}
