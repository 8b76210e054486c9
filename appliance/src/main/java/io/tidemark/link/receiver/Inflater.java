package io.tidemark.link.receiver;

import com.github.luben.zstd.Zstd;
import com.github.luben.zstd.ZstdDecompressCtx;
import com.github.luben.zstd.ZstdException;
import io.netty.buffer.ByteBuf;
import io.netty.buffer.ByteBufAllocator;
import io.tidemark.link.protocol.ProtocolViolation;
import io.tidemark.link.protocol.RangeHeader;
import java.nio.ByteBuffer;

/**
 * Turns the records of a range into what they were before they were compressed (docs/protocol.md, section 4).
 *
 * <p>One belongs to one connection, on its loop.
 */
final class Inflater implements AutoCloseable {

    private final ZstdDecompressCtx zstd = new ZstdDecompressCtx();

    /** The records, exactly as many bytes as the range declares. Takes the buffer, and releases it also when it throws. */
    ByteBuf take(RangeHeader range, ByteBuf wire, ByteBufAllocator allocator) {
        return switch (range.encoding()) {
            case PLAIN -> wire;
            case ZSTD -> {
                ByteBuf records = allocator.directBuffer(range.bytes(), range.bytes());
                try {
                    inflate(range, wire.nioBuffer(), records.nioBuffer(0, range.bytes()));
                    yield records.writerIndex(range.bytes());
                } catch (ProtocolViolation violation) {
                    records.release();
                    throw violation;
                } finally {
                    wire.release();
                }
            }
        };
    }

    private void inflate(RangeHeader range, ByteBuffer wire, ByteBuffer records) {
        int bytes = wire.remaining();
        if (Zstd.findDirectByteBufferFrameCompressedSize(wire, wire.position(), bytes) != bytes) {
            throw new ProtocolViolation(name(range) + " is not one zstd frame");
        }
        int inflated;
        try {
            inflated = zstd.decompressDirectByteBuffer(
                    records, records.position(), records.remaining(), wire, wire.position(), bytes);
        } catch (ZstdException broken) {
            throw new ProtocolViolation(name(range) + ": " + broken.getMessage());
        }
        if (inflated != range.bytes()) {
            throw new ProtocolViolation(name(range) + " has " + inflated + " bytes, not " + range.bytes());
        }
    }

    private static String name(RangeHeader range) {
        return "range " + range.first() + ".." + range.last();
    }

    @Override
    public void close() {
        zstd.close();
    }
}
