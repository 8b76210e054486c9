package io.tidemark.intake;

import java.time.Duration;
import java.util.function.BooleanSupplier;
import java.util.function.LongSupplier;

/**
 * Whether changes that find the journal full wait instead of being refused: for as long as room is being made, and so long at the most. All of
 * them wait for the same room, so the time counts from when the first found none. The owner's.
 */
final class Patience {

    private final BooleanSupplier roomIsMade;
    private final Duration max;
    private final LongSupplier nanoTime;
    private boolean full;
    private long since;

    Patience(BooleanSupplier roomIsMade, Duration max, LongSupplier nanoTime) {
        this.roomIsMade = roomIsMade;
        this.max = max;
        this.nanoTime = nanoTime;
    }

    /** A change has found no room: whether it waits. */
    boolean lasts() {
        long now = nanoTime.getAsLong();
        if (!full) {
            full = true;
            since = now;
        }
        return roomIsMade.getAsBoolean() && now - since < max.toNanos();
    }

    /** A change has found room. */
    void hasRoom() {
        full = false;
    }
}
