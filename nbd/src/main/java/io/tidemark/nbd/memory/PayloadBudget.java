package io.tidemark.nbd.memory;

import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.List;

/**
 * The bytes of payload that all connections of a process may hold at once.
 *
 * <p>Everything that keeps payload in memory is counted before it is allocated: receive buffers, pieces of writes until
 * the export releases them, pieces of reads until the kernel has them. So the sum never exceeds the total, whatever
 * clients and exports do.
 *
 * <p><b>Nobody starves, nothing locks up.</b> Half of the budget is set aside for <em>floors</em>: each connection gets
 * one in each direction when it is admitted, and keeps it until it ends. The other half is shared: whoever asks gets it
 * if nobody waits, else queues, first come, first served. A connection that finds the shared half empty goes on with its
 * floor, in smaller steps. It waits only when its floor is in use too, hence for something of its own: for its export to
 * release a payload, or for its client to take a reply or to send the rest of a payload. No connection ever waits for
 * what only another one can do, so there is no cycle to lock up in.
 *
 * <p>Thread: any.
 */
public final class PayloadBudget {
    private final long totalBytes;
    private final ArrayDeque<Claim> queue = new ArrayDeque<>();
    private long sharedBytes;
    private long floorBytes;

    public PayloadBudget(long totalBytes) {
        this.totalBytes = totalBytes;
        this.floorBytes = totalBytes / 2;
        this.sharedBytes = totalBytes - floorBytes;
    }

    /** What all connections may hold together. */
    public long totalBytes() {
        return totalBytes;
    }

    /** What is not held now. */
    public synchronized long freeBytes() {
        return sharedBytes + floorBytes;
    }

    /** Takes bytes for floors, if there are any left. */
    synchronized boolean takeFloors(long bytes) {
        if (floorBytes < bytes) {
            return false;
        }
        floorBytes -= bytes;
        return true;
    }

    /** Gives the bytes of floors back. */
    synchronized void giveFloors(long bytes) {
        floorBytes += bytes;
        checkTotal();
    }

    /** Takes bytes of the shared half, if they are there and nobody waits for them. */
    synchronized boolean take(long bytes) {
        if (!queue.isEmpty() || sharedBytes < bytes) {
            return false;
        }
        sharedBytes -= bytes;
        return true;
    }

    /** Gives bytes back, and passes them on to whoever waits. */
    void give(long bytes) {
        List<Claim> granted;
        synchronized (this) {
            sharedBytes += bytes;
            checkTotal();
            granted = serve();
        }
        granted.forEach(Claim::announce);
    }

    /** Queues up for bytes. */
    void queue(Claim claim) {
        List<Claim> granted;
        synchronized (this) {
            queue.add(claim);
            granted = serve();
        }
        granted.forEach(Claim::announce);
    }

    /** Leaves the queue, or gives back what waiting has brought. */
    void withdraw(Claim claim) {
        List<Claim> granted;
        synchronized (this) {
            if (claim.granted()) {
                sharedBytes += claim.bytes();
            } else {
                queue.remove(claim);
            }
            granted = serve();
        }
        granted.forEach(Claim::announce);
    }

    private void checkTotal() {
        if (freeBytes() > totalBytes) {
            throw new IllegalStateException(freeBytes() + " bytes free of " + totalBytes);
        }
    }

    private List<Claim> serve() {
        if (queue.isEmpty() || queue.element().bytes() > sharedBytes) {
            return List.of();
        }
        List<Claim> granted = new ArrayList<>();
        while (!queue.isEmpty() && queue.element().bytes() <= sharedBytes) {
            Claim claim = queue.remove();
            sharedBytes -= claim.bytes();
            claim.grant();
            granted.add(claim);
        }
        return granted;
    }
}
