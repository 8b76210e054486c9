package io.tidemark.link.sender;

import io.netty.buffer.ByteBuf;
import io.netty.buffer.ByteBufAllocator;
import io.netty.buffer.CompositeByteBuf;
import io.netty.buffer.Unpooled;
import io.tidemark.journal.Lease;
import io.tidemark.link.OutgoingRange;
import io.tidemark.link.OutgoingRange.Body;
import io.tidemark.link.SessionId;
import io.tidemark.link.protocol.Encoder;
import io.tidemark.link.protocol.RangeHeader;
import io.tidemark.link.protocol.RangeHeader.Encoding;
import java.nio.ByteBuffer;
import java.util.List;

/**
 * A RANGE whose records lie where they are, in the journal, until they were encrypted or written.
 *
 * <p>Its reference count is the one thing that is right in all endings, on any thread, whatever became of promises and
 * event loops: so the lease hangs on it, and a Netty class that is not a handler is extended.
 */
final class LeasedFrame extends CompositeByteBuf {

    /** Records up to this size are copied together: a TLS record and a system call's vector for each would cost more. */
    static final int GATHER_BYTES_MAX = 8 << 10;

    /** How many bytes of small records are put together. */
    private static final int GATHERED_BYTES_MAX = 64 << 10;

    private final Lease lease;

    private LeasedFrame(ByteBufAllocator allocator, Lease lease) {
        super(allocator, true, Integer.MAX_VALUE);
        this.lease = lease;
    }

    /** The frame of a range. It takes the lease, and closes it also when it throws. */
    static LeasedFrame take(SessionId session, OutgoingRange range, ByteBufAllocator allocator) {
        LeasedFrame frame = new LeasedFrame(allocator, range.lease());
        try {
            frame.addComponent(true, Encoder.encode(header(session, range), allocator));
            switch (range.body()) {
                case Body.Images images -> frame.add(images.images());
                case Body.Compressed compressed -> frame.add(List.of(compressed.frame()));
            }
            return frame;
        } catch (RuntimeException | Error failed) {
            frame.release();
            throw failed;
        }
    }

    private static RangeHeader header(SessionId session, OutgoingRange range) {
        Encoding encoding =
                switch (range.body()) {
                    case Body.Images images -> Encoding.PLAIN;
                    case Body.Compressed compressed -> Encoding.ZSTD;
                };
        return new RangeHeader(
                session,
                range.first(),
                range.last(),
                range.count(),
                range.bytes(),
                encoding,
                range.body().wireBytes());
    }

    private void add(List<ByteBuffer> images) {
        int at = 0;
        while (at < images.size()) {
            int end = smallRun(images, at);
            if (end - at > 1) {
                addGathered(images.subList(at, end));
            } else {
                end = at + 1;
                addComponent(true, Unpooled.wrappedBuffer(images.get(at).asReadOnlyBuffer()));
            }
            at = end;
        }
    }

    /** Where a run of small records that begins at {@code from} ends. */
    private static int smallRun(List<ByteBuffer> images, int from) {
        int end = from;
        int bytes = 0;
        while (end < images.size()
                && images.get(end).remaining() <= GATHER_BYTES_MAX
                && bytes + images.get(end).remaining() <= GATHERED_BYTES_MAX) {
            bytes += images.get(end).remaining();
            end++;
        }
        return end;
    }

    private void addGathered(List<ByteBuffer> images) {
        int bytes = images.stream().mapToInt(ByteBuffer::remaining).sum();
        ByteBuf gathered = alloc().directBuffer(bytes, bytes);
        images.forEach(image -> gathered.writeBytes(image.duplicate()));
        addComponent(true, gathered);
    }

    @Override
    protected void deallocate() {
        super.deallocate();
        lease.close();
    }
}
