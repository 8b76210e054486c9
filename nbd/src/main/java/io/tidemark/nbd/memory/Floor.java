package io.tidemark.nbd.memory;

import java.util.concurrent.atomic.AtomicReference;

/**
 * The bytes that belong to one lane whatever others take: lent to one lease at a time, returned to the budget when the
 * lane is closed and the lease has ended.
 *
 * <pre>
 *   FREE --take--> LENT --end--> FREE
 *   FREE --close-> GONE
 *   LENT --close-> LAST --end--> GONE
 * </pre>
 *
 * <p>Thread: any.
 */
final class Floor {
    private enum State {
        FREE,
        LENT,
        LAST,
        GONE
    }

    private final PayloadBudget budget;
    private final int bytes;
    private final AtomicReference<State> state = new AtomicReference<>(State.FREE);

    /** A floor of bytes that have been taken from the budget. */
    Floor(PayloadBudget budget, int bytes) {
        this.budget = budget;
        this.bytes = bytes;
    }

    int bytes() {
        return bytes;
    }

    boolean free() {
        return state.get() == State.FREE;
    }

    boolean take() {
        return state.compareAndSet(State.FREE, State.LENT);
    }

    /** The lease that held it has ended. */
    void end() {
        if (!state.compareAndSet(State.LENT, State.FREE)) {
            state.set(State.GONE);
            budget.giveFloors(bytes);
        }
    }

    /** The lane has ended. */
    void close() {
        if (state.compareAndSet(State.FREE, State.GONE)) {
            budget.giveFloors(bytes);
        } else {
            // If the lease has ended in between, the floor is free by now.
            if (!state.compareAndSet(State.LENT, State.LAST)) {
                close();
            }
        }
    }
}
