package io.tidemark.nbd.memory;

import io.tidemark.nbd.Payload;
import java.nio.ByteBuffer;
import java.util.concurrent.atomic.AtomicBoolean;

/** A part of a lease's buffer, in the hands of an export. */
public final class LeasedPayload implements Payload {
    private final Lease lease;
    private final int index;
    private final int length;
    private final AtomicBoolean released = new AtomicBoolean();

    LeasedPayload(Lease lease, int index, int length) {
        this.lease = lease;
        this.index = index;
        this.length = length;
    }

    @Override
    public ByteBuffer bytes() {
        if (released.get()) {
            throw new IllegalStateException("the payload has been released");
        }
        return lease.buffer().nioBuffer(index, length).asReadOnlyBuffer();
    }

    @Override
    public void release() {
        if (!releaseIfHeld()) {
            throw new IllegalStateException("the payload has been released before");
        }
    }

    /** Gives the memory back unless that was done before; whether it was held. */
    public boolean releaseIfHeld() {
        if (released.getAndSet(true)) {
            return false;
        }
        lease.release();
        return true;
    }
}
