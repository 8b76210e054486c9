package io.tidemark.system;

import java.time.Duration;
import java.util.Optional;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.locks.LockSupport;
import java.util.function.BooleanSupplier;
import java.util.function.Predicate;
import java.util.function.Supplier;

/** Waits for a condition, with a deadline that only a fault reaches. */
public final class Await {

    /** Long enough for a busy machine; nothing that is right takes so long. */
    public static final Duration PATIENCE = Duration.ofSeconds(90);

    private static final long LOOK_NANOS = TimeUnit.MILLISECONDS.toNanos(20);

    private Await() {}

    /** Returns when the condition holds. */
    public static void until(String what, BooleanSupplier condition) {
        value(what, condition::getAsBoolean, held -> held);
    }

    /** The first value that is as wanted. What is thrown on the way there is the end. */
    public static <T> T value(String what, Supplier<T> ask, Predicate<T> wanted) {
        long deadline = System.nanoTime() + PATIENCE.toNanos();
        T last = ask.get();
        while (!wanted.test(last)) {
            if (System.nanoTime() - deadline > 0) {
                throw new AssertionError(what + " did not come true in " + PATIENCE + "; last seen: " + last);
            }
            LockSupport.parkNanos(LOOK_NANOS);
            last = ask.get();
        }
        return last;
    }

    /** The first value that is there. */
    public static <T> T present(String what, Supplier<Optional<T>> ask) {
        return value(what, ask, Optional::isPresent).orElseThrow();
    }
}
