package io.tidemark.nbd.memory;

import io.netty.buffer.ByteBuf;
import io.netty.buffer.ByteBufAllocator;
import io.tidemark.nbd.Limits;
import java.util.Optional;
import java.util.concurrent.atomic.AtomicLong;

/**
 * One connection's part of the payload budget: a lane for what it receives, one for what it sends.
 *
 * <p>Two lanes, since neither direction may wait for the other: a half-received write must not keep the reply to a
 * read from leaving.
 */
public final class Share {
    private final PayloadBudget budget;
    private final ByteBufAllocator allocator;
    private final int heldBytesMax;
    private final AtomicLong heldBytes = new AtomicLong();
    private final Lane receiving;
    private final Lane sending;

    private Share(PayloadBudget budget, ByteBufAllocator allocator, Limits limits, Runnable wake) {
        this.budget = budget;
        this.allocator = allocator;
        this.heldBytesMax = limits.payloadBytesInFlightMax();
        this.receiving = new Lane(this, new Floor(budget, limits.floorBytes()), wake);
        this.sending = new Lane(this, new Floor(budget, limits.floorBytes()), wake);
    }

    /**
     * A part for one more connection, or none if the budget cannot give it its floors.
     *
     * @param wake called from any thread when a lane that waited may have something to lend
     */
    public static Optional<Share> of(PayloadBudget budget, ByteBufAllocator allocator, Limits limits, Runnable wake) {
        return budget.takeFloors(2L * limits.floorBytes())
                ? Optional.of(new Share(budget, allocator, limits, wake))
                : Optional.empty();
    }

    public Lane receiving() {
        return receiving;
    }

    public Lane sending() {
        return sending;
    }

    /** A turn of the connection begins. */
    public void beginTurn() {
        receiving.beginTurn();
        sending.beginTurn();
    }

    /** A turn of the connection ends: a lane for which nobody waits leaves the queue. */
    public void endTurn() {
        receiving.endTurn();
        sending.endTurn();
    }

    /** Gives everything back: now what is not lent, the rest when its leases end. */
    public void close() {
        receiving.close();
        sending.close();
    }

    PayloadBudget budget() {
        return budget;
    }

    ByteBuf allocate(int bytes) {
        return allocator.directBuffer(bytes, bytes);
    }

    /** Tells whichever lane waits that something has come back. */
    void wakeWaiting() {
        receiving.wakeIfWaiting();
        sending.wakeIfWaiting();
    }

    /** Whether the connection would still be within its own limit with so much more. */
    boolean allows(int bytes) {
        return heldBytes.get() + bytes <= heldBytesMax;
    }

    /** Counts bytes that were taken from the shared part of the budget. */
    void hold(int bytes) {
        heldBytes.addAndGet(bytes);
    }

    /** Gives bytes back to the shared part of the budget. */
    void giveBack(int bytes) {
        heldBytes.addAndGet(-bytes);
        budget.give(bytes);
    }
}
