package io.tidemark.nbd.server;

import io.tidemark.nbd.Limits;
import java.net.InetAddress;
import java.util.HashMap;
import java.util.Map;
import java.util.function.Consumer;

/**
 * Who may stand in the doorway: the clients whose handshake has begun and is not over, of whom nothing is known yet.
 *
 * <p>When there are as many as there may be, at a time or in one second, it shuts and later opens again: who comes meanwhile waits, and is not refused. One
 * address may have three quarters of the places: enough for a host with many disks, and not all. Thread: any.
 */
final class Doorway {

    /** Where clients are accepted. Called under the doorway's lock: does nothing but this. */
    interface Door {
        void shut();

        void open();
    }

    private final int placesMax;
    private final int perSecondMax;
    private final Door door;
    private final Consumer<Runnable> inASecond;
    private final Map<InetAddress, Integer> byAddress = new HashMap<>();
    private int inside;
    private int inTheLastSecond;
    private boolean shut;

    /** @param inASecond does something then, on any thread */
    Doorway(Limits limits, Door door, Consumer<Runnable> inASecond) {
        this.placesMax = limits.handshakesMax();
        this.perSecondMax = limits.handshakesPerSecondMax();
        this.door = door;
        this.inASecond = inASecond;
    }

    /** Takes a client in who is to {@link #leave} when his handshake is over; false if others of his address have all places that it may have. */
    synchronized boolean enter(InetAddress from) {
        int others = byAddress.getOrDefault(from, 0);
        if (others >= Math.max(1, placesMax / 4 * 3)) {
            return false;
        }
        byAddress.put(from, others + 1);
        inside++;
        inTheLastSecond++;
        inASecond.accept(this::secondHasPassed);
        look();
        return true;
    }

    /** His handshake is over, however it has ended. */
    synchronized void leave(InetAddress from) {
        byAddress.computeIfPresent(from, (address, count) -> count > 1 ? count - 1 : null);
        inside--;
        look();
    }

    private synchronized void secondHasPassed() {
        inTheLastSecond--;
        look();
    }

    private void look() {
        boolean full = inside >= placesMax || inTheLastSecond >= perSecondMax;
        if (full != shut) {
            shut = full;
            if (full) {
                door.shut();
            } else {
                door.open();
            }
        }
    }
}
