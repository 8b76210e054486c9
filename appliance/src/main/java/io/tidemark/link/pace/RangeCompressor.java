package io.tidemark.link.pace;

import com.github.luben.zstd.Zstd;
import com.github.luben.zstd.ZstdCompressCtx;
import com.github.luben.zstd.ZstdException;
import io.netty.buffer.ByteBuf;
import io.netty.buffer.ByteBufAllocator;
import io.netty.buffer.PooledByteBufAllocator;
import io.tidemark.journal.Lease;
import java.nio.ByteBuffer;
import java.util.List;
import java.util.function.LongSupplier;

/**
 * Compresses the records of ranges, each range to one zstd frame, in direct memory. One thread.
 *
 * <p>A result lies in memory of its own until its lease is closed, on any thread: that is when it was written.
 */
public final class RangeCompressor implements AutoCloseable {

    public static final int LEVEL_DEFAULT = 1;

    /** What became of a range. */
    public sealed interface Result {

        /** How long it took. */
        long nanos();

        /** It became smaller. */
        record Smaller(ByteBuffer frame, Lease lease, long nanos) implements Result {}

        /** It did not: ship it as it is. */
        record NotSmaller(long nanos) implements Result {}
    }

    private final ZstdCompressCtx zstd = new ZstdCompressCtx();
    private final LongSupplier nanoTime;
    private final ByteBufAllocator allocator;

    public RangeCompressor(int level, LongSupplier nanoTime) {
        this(level, nanoTime, PooledByteBufAllocator.DEFAULT);
    }

    RangeCompressor(int level, LongSupplier nanoTime, ByteBufAllocator allocator) {
        this.nanoTime = nanoTime;
        this.allocator = allocator;
        zstd.setLevel(level).setChecksum(false).setContentSize(true); // each record has a checksum of its own
    }

    /** Compresses records that lie in direct buffers, read from position to limit and only borrowed. */
    public Result compress(List<ByteBuffer> images) {
        long begin = nanoTime.getAsLong();
        ByteBuf records = gather(images);
        try {
            ByteBuf frame = allocator.directBuffer(records.readableBytes() - 1, records.readableBytes() - 1);
            return compress(records.nioBuffer(), frame)
                    ? new Result.Smaller(
                            frame.nioBuffer().asReadOnlyBuffer(), frame::release, nanoTime.getAsLong() - begin)
                    : new Result.NotSmaller(nanoTime.getAsLong() - begin);
        } finally {
            records.release();
        }
    }

    @Override
    public void close() {
        zstd.close();
    }

    /** Whether the records fit into the frame, which is released otherwise. */
    private boolean compress(ByteBuffer records, ByteBuf frame) {
        ByteBuffer room = frame.nioBuffer(0, frame.capacity());
        try {
            int bytes = zstd.compressDirectByteBuffer(
                    room, room.position(), room.remaining(), records, records.position(), records.remaining());
            frame.writerIndex(bytes);
            return true;
        } catch (ZstdException failed) {
            frame.release();
            if (failed.getErrorCode() != Zstd.errDstSizeTooSmall()) {
                throw failed;
            }
            return false;
        }
    }

    /** One piece of memory, which is what zstd is fast with; the copy costs little beside it. */
    private ByteBuf gather(List<ByteBuffer> images) {
        int bytes = images.stream().mapToInt(ByteBuffer::remaining).sum();
        ByteBuf records = allocator.directBuffer(bytes, bytes);
        images.forEach(image -> records.writeBytes(image.duplicate()));
        return records;
    }
}
