package io.tidemark.sim;

import java.lang.reflect.InvocationTargetException;
import java.lang.reflect.Method;
import java.util.Optional;
import java.util.concurrent.Executor;

/**
 * A task that may wait for others: the product's blocking calls in the one thread of a run. It goes on when the scheduler says so, as far as to its next wait.
 *
 * <p>It is a virtual thread which no thread of the JDK's carries: it runs in the middle of whoever lets it go on.
 */
final class SimulatedTask {

    private static final Method NEW_VIRTUAL_THREAD = newVirtualThread();

    private final Thread thread;
    private Optional<Runnable> next = Optional.empty();
    private Optional<Throwable> failure = Optional.empty();
    private boolean over;

    SimulatedTask(Runnable task) {
        Executor carrier = ready -> next = Optional.of(ready);
        Runnable whole = () -> {
            try {
                task.run();
            } catch (RuntimeException | Error failed) {
                failure = Optional.of(failed);
            }
            over = true;
        };
        try {
            thread = (Thread) NEW_VIRTUAL_THREAD.invoke(null, carrier, "simulated", 0, whole);
        } catch (IllegalAccessException | InvocationTargetException e) {
            throw new IllegalStateException(e);
        }
        thread.start();
    }

    /** Whether what it has waited for has come. */
    boolean isReady() {
        return next.isPresent();
    }

    boolean isOver() {
        return over;
    }

    /** Goes on until it waits or is over; throws what it throws. */
    void goOn() {
        Runnable ready = next.orElseThrow();
        next = Optional.empty();
        ready.run();
        Optional<Throwable> thrown = failure;
        failure = Optional.empty();
        if (thrown.isPresent()) {
            if (thrown.get() instanceof Error error) {
                throw error;
            }
            throw (RuntimeException) thrown.get();
        }
    }

    /** There is no other way to say who carries a virtual thread. */
    private static Method newVirtualThread() {
        try {
            Method method = Class.forName("java.lang.ThreadBuilders")
                    .getDeclaredMethod("newVirtualThread", Executor.class, String.class, int.class, Runnable.class);
            method.setAccessible(true);
            return method;
        } catch (ReflectiveOperationException e) {
            throw new ExceptionInInitializerError(e);
        }
    }
}
