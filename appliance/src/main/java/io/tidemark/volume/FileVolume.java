package io.tidemark.volume;

import io.tidemark.journal.Extent;
import io.tidemark.journal.Invariant;
import java.io.EOFException;
import java.io.IOException;
import java.io.RandomAccessFile;
import java.nio.ByteBuffer;
import java.nio.channels.ClosedChannelException;
import java.nio.channels.FileChannel;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.util.OptionalLong;
import java.util.function.BiConsumer;

/**
 * A volume that is one sparse file.
 *
 * <p>The threads that use it must not be interrupted: Java closes a file channel under an interrupted thread.
 */
public final class FileVolume implements Volume {

    private static final int ZEROES_BYTES = 1 << 20;
    private static final ByteBuffer ZEROES =
            ByteBuffer.allocateDirect(ZEROES_BYTES).asReadOnlyBuffer();

    private final Path path;
    private volatile long sizeBytes;
    private final FileChannel channel;
    private final SparseFile file;

    private FileVolume(Path path, long sizeBytes, FileChannel channel, SparseFile file) {
        this.path = path;
        this.sizeBytes = sizeBytes;
        this.channel = channel;
        this.file = file;
    }

    /** Opens the file, or makes it, all holes, if it is not there. Its entry in the folder is not durable yet. */
    public static FileVolume open(Path path, long sizeBytes) throws IOException {
        try (RandomAccessFile file = new RandomAccessFile(path.toFile(), "rw")) {
            extend(file, sizeBytes);
        }
        FileChannel channel = FileChannel.open(path, StandardOpenOption.READ, StandardOpenOption.WRITE);
        try {
            return new FileVolume(path, sizeBytes, channel, new SparseFile(path));
        } catch (IOException e) {
            channel.close();
            throw e;
        }
    }

    /** Opens a file that is there and has its size: what was once kept in it must not come back as zeroes. */
    static FileVolume openKnown(Path path, long sizeBytes) throws IOException {
        if (!Files.exists(path)) {
            throw new NoSuchFileException(path + ": the volume is gone");
        }
        if (Files.size(path) < sizeBytes) {
            throw new IOException(path + ": the volume has " + Files.size(path) + " bytes, not " + sizeBytes);
        }
        return open(path, sizeBytes);
    }

    @Override
    public long sizeBytes() {
        return sizeBytes;
    }

    /** By a file of its own: a force of the channel that fails has to be seen by the applier. */
    @Override
    public synchronized void growTo(long size) throws IOException {
        if (size <= sizeBytes) {
            return;
        }
        if (!channel.isOpen()) {
            throw new ClosedChannelException(); // its file may be gone, and is not made again
        }
        try (RandomAccessFile same = new RandomAccessFile(path.toFile(), "rw")) {
            extend(same, size);
            same.getFD().sync();
        }
        sizeBytes = size;
    }

    @Override
    public void read(long offset, ByteBuffer into) throws IOException {
        long at = offset;
        while (into.hasRemaining()) {
            int read = channel.read(into, at);
            if (read < 0) {
                throw new EOFException(path + " ends before " + at);
            }
            at += read;
        }
    }

    @Override
    public void write(long offset, ByteBuffer from) throws IOException {
        requireWithin(offset, from.remaining());
        long at = offset;
        while (from.hasRemaining()) {
            at += channel.write(from, at);
        }
    }

    @Override
    public void zero(Extent extent, boolean keepAllocated) throws IOException {
        requireWithin(extent.offset(), extent.length());
        try {
            if (keepAllocated) {
                file.zero(extent.offset(), extent.length());
            } else {
                file.punch(extent.offset(), extent.length());
            }
        } catch (SparseFile.Unsupported e) {
            overwrite(extent);
        }
    }

    @Override
    public void force() throws IOException {
        channel.force(false);
    }

    @Override
    public void allocation(Extent extent, BiConsumer<Extent, Boolean> visitor) throws IOException {
        long at = extent.offset();
        while (at < extent.end()) {
            long data = Math.min(orEnd(file.nextData(at)), extent.end());
            if (data > at) {
                visitor.accept(Extent.between(at, data), false);
            }
            if (data == extent.end()) {
                return;
            }
            at = Math.min(orEnd(file.nextHole(data)), extent.end());
            if (at > data) { // else it became a hole between the two questions
                visitor.accept(Extent.between(data, at), true);
            }
        }
    }

    @Override
    public long allocatedBytes() throws IOException {
        long[] bytes = {0};
        allocation(new Extent(0, sizeBytes), (extent, allocated) -> bytes[0] += allocated ? extent.length() : 0);
        return bytes[0];
    }

    @Override
    public void close() throws IOException {
        try (channel) {
            file.close();
        }
    }

    private static void extend(RandomAccessFile file, long size) throws IOException {
        if (file.length() < size) {
            file.setLength(size);
        }
    }

    /** Writes zeroes over what is not a hole already. */
    private void overwrite(Extent extent) throws IOException {
        long at = extent.offset();
        while (at < extent.end()) {
            long data = orEnd(file.nextData(at));
            if (data >= extent.end()) {
                return;
            }
            ByteBuffer zeroes = ZEROES.duplicate();
            zeroes.limit((int) Math.min(ZEROES_BYTES, extent.end() - data));
            at = data + zeroes.remaining();
            write(data, zeroes);
        }
    }

    private void requireWithin(long offset, long length) {
        Invariant.check(
                offset >= 0 && length <= sizeBytes && offset <= sizeBytes - length,
                () -> length + " bytes at " + offset + " of " + path + ", which has " + sizeBytes);
    }

    private long orEnd(OptionalLong position) {
        return position.orElse(sizeBytes);
    }
}
