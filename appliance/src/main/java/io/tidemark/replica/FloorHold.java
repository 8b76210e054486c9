package io.tidemark.replica;

import io.tidemark.journal.Sequence;
import java.util.function.Consumer;

/** Keeps the floor of a replica from passing a point in use. Any thread. */
public final class FloorHold implements AutoCloseable {

    private final Sequence point;
    private final Runnable whenLost;
    private final Consumer<FloorHold> release;

    /** @param whenLost runs on the replica's owner if the point is given up all the same */
    FloorHold(Sequence point, Runnable whenLost, Consumer<FloorHold> release) {
        this.point = point;
        this.whenLost = whenLost;
        this.release = release;
    }

    public Sequence point() {
        return point;
    }

    void lose() {
        whenLost.run();
    }

    @Override
    public void close() {
        release.accept(this);
    }
}
