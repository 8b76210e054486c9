package io.tidemark.nbd.memory;

import io.netty.buffer.ByteBuf;
import io.netty.buffer.Unpooled;
import java.nio.ByteBuffer;
import java.util.concurrent.atomic.AtomicInteger;

/**
 * One buffer of payload memory and its place in the budget, both given back when the last holder lets go.
 *
 * <p>Thread: the buffer is written by one thread before it is shared; holders come and go on any.
 */
public final class Lease {
    /** No memory at all: an empty buffer that need not be released. */
    public static final Lease NONE = new Lease(Unpooled.EMPTY_BUFFER, () -> {}, () -> {});

    private final ByteBuf buffer;
    private final Runnable giveBack;
    private final Runnable wake;
    private final AtomicInteger holders = new AtomicInteger(1);

    private Lease(ByteBuf buffer, Runnable giveBack, Runnable wake) {
        this.buffer = buffer;
        this.giveBack = giveBack;
        this.wake = wake;
    }

    /** Allocates so many bytes that were taken from the budget; if there are none after all, they are given back. */
    static Lease allocate(Share share, int bytes, Runnable giveBack) {
        try {
            return new Lease(share.allocate(bytes), giveBack, share::wakeWaiting);
        } catch (OutOfMemoryError noMemory) {
            giveBack.run();
            throw noMemory;
        }
    }

    /** The memory; it has exactly the capacity that was lent. */
    public ByteBuf buffer() {
        return buffer;
    }

    /** Whether nobody holds it but the caller. */
    public boolean sole() {
        return holders.get() == 1;
    }

    /** A part of the buffer as a payload, which holds the lease until it is released. */
    public LeasedPayload payload(int index, int length) {
        holders.incrementAndGet();
        return new LeasedPayload(this, index, length);
    }

    /** The whole buffer, for an export to fill. */
    public ByteBuffer writable() {
        return buffer.nioBuffer(0, buffer.capacity());
    }

    /** Lets go of it, from any thread. */
    public void release() {
        if (this == NONE) {
            return;
        }
        int left = holders.decrementAndGet();
        if (left < 0) {
            throw new IllegalStateException("released more often than held");
        }
        if (left == 0) {
            buffer.release();
            giveBack.run();
        }
        if (left <= 1) {
            wake.run();
        }
    }
}
