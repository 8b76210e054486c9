package io.tidemark.nbd.transmission;

import io.netty.buffer.ByteBuf;
import io.netty.buffer.ByteBufAllocator;
import io.netty.channel.DefaultMaxMessagesRecvByteBufAllocator;
import io.netty.util.UncheckedBooleanSupplier;
import java.util.function.IntSupplier;

/**
 * Decides where a channel's socket is read into: in the handshake, and under TLS, into buffers of Netty's; in the
 * transmission phase into those of its {@link Receiver}.
 *
 * <p>One per channel, since it remembers the receiver.
 */
public final class ReceiveAllocator extends DefaultMaxMessagesRecvByteBufAllocator {
    private static final int READS_PER_EVENT_MAX = 16;
    private static final int HANDSHAKE_BYTES = 4 << 10;
    private static final int TLS_BYTES = 32 << 10;

    private boolean encrypted;
    private IntSupplier turnBytesMax = () -> Integer.MAX_VALUE;
    private Landing landing = allocator -> allocator.ioBuffer(HANDSHAKE_BYTES);

    public ReceiveAllocator() {
        super(READS_PER_EVENT_MAX);
    }

    /** From now on the socket is read into buffers that the receiver gives, unless what is read are TLS records. */
    void landIn(Landing receiver) {
        if (!encrypted) {
            landing = receiver;
        }
    }

    /** From now on what is read are TLS records. */
    public void landEncrypted() {
        encrypted = true;
        landing = allocator -> allocator.ioBuffer(TLS_BYTES);
    }

    /** From now on no more is read before other channels have had their turn. */
    void readAtMost(IntSupplier bytesMax) {
        turnBytesMax = bytesMax;
    }

    @Override
    public ExtendedHandle newHandle() {
        return new LandingHandle();
    }

    /** Gives a buffer for the next read, with room in it. */
    interface Landing {
        ByteBuf allocate(ByteBufAllocator allocator);
    }

    private final class LandingHandle extends MaxMessageHandle {
        @Override
        public ByteBuf allocate(ByteBufAllocator allocator) {
            return landing.allocate(allocator);
        }

        @Override
        public boolean continueReading(UncheckedBooleanSupplier maybeMoreData) {
            return totalBytesRead() < turnBytesMax.getAsInt() && super.continueReading(maybeMoreData);
        }

        @Override
        public int guess() {
            return HANDSHAKE_BYTES;
        }
    }
}
