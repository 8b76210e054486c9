package io.tidemark.nbd.memory;

import java.util.Optional;
import java.util.concurrent.atomic.AtomicBoolean;

/**
 * One direction of a connection's payload memory.
 *
 * <p>Thread: its connection's event loop; only leases end on others.
 */
public final class Lane {
    private final Share share;
    private final Floor floor;
    private final Runnable wake;
    private final AtomicBoolean waiting = new AtomicBoolean();
    private boolean awaited;
    private Claim claim = Claim.NONE;

    Lane(Share share, Floor floor, Runnable wake) {
        this.share = share;
        this.floor = floor;
        this.wake = wake;
    }

    /**
     * Lends memory for up to so many bytes: from the shared part of the budget, else from the floor, which may be less
     * than was asked for, else nothing.
     */
    public Optional<Lease> lease(int bytes) {
        if (claim.granted()) {
            return Optional.of(collect(bytes));
        }
        if (claim == Claim.NONE && share.allows(bytes) && share.budget().take(bytes)) {
            return Optional.of(shared(bytes));
        }
        if (floor.take()) {
            forgo();
            return Optional.of(Lease.allocate(share, Math.min(bytes, floor.bytes()), floor::end));
        }
        return Optional.empty();
    }

    /** Whether {@link #lease} would lend something in any case. */
    public boolean floorFree() {
        return floor.free();
    }

    /**
     * Asks to be woken when a lease has ended, or has only one holder left, or when the queue has brought so many
     * bytes. Whoever waits looks once more after this call, for what happened just before it.
     */
    public void awaitLease(int bytes) {
        awaited = true;
        waiting.set(true);
        if (claim == Claim.NONE && share.allows(bytes)) {
            claim = new Claim(bytes, this::wakeIfWaiting);
            share.budget().queue(claim);
        }
        if (floor.free()) {
            wakeIfWaiting();
        }
    }

    /** A turn of the connection begins: until it ends, nobody has said that a lease is awaited. */
    void beginTurn() {
        awaited = false;
    }

    /** A turn of the connection ends: if nobody said that a lease is awaited, there is no waiting any more. */
    void endTurn() {
        if (!awaited) {
            forgo();
        }
    }

    /** Waits no longer: leaves the queue, or gives back what it has brought. */
    private void forgo() {
        waiting.set(false);
        if (claim != Claim.NONE) {
            share.budget().withdraw(claim);
            claim = Claim.NONE;
        }
    }

    void wakeIfWaiting() {
        if (waiting.getAndSet(false)) {
            wake.run();
        }
    }

    void close() {
        forgo();
        floor.close();
    }

    private Lease collect(int bytes) {
        int granted = claim.bytes();
        claim = Claim.NONE;
        if (granted > bytes) {
            share.budget().give(granted - bytes);
        }
        return shared(Math.min(granted, bytes));
    }

    private Lease shared(int bytes) {
        share.hold(bytes);
        return Lease.allocate(share, bytes, () -> share.giveBack(bytes));
    }
}
