package io.tidemark.journal;

import java.util.concurrent.Executor;

/**
 * The one thread that may touch the state of what it owns; others post to it.
 *
 * <p>Tasks run in the order they were posted.
 */
public interface Owner extends Executor {

    /** Whether the caller is the owner. */
    boolean isCurrent();

    /** Throws a {@link Fault} when the caller is any other thread. */
    default void assertCurrent() {
        Invariant.check(isCurrent(), () -> "called on " + Thread.currentThread().getName() + ", not on the owner");
    }
}
