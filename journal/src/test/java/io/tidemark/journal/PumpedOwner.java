package io.tidemark.journal;

import java.time.Duration;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.TimeUnit;
import java.util.function.BooleanSupplier;

/** An owner whose thread is the test: tasks wait until the test lets them run. */
public final class PumpedOwner implements TimedOwner {

    /** Long enough for a busy machine; who expects tests to fail may have less. */
    private static final Duration PATIENCE = Duration.ofSeconds(Long.getLong("patience.seconds", 30));

    private final Thread thread = Thread.currentThread();
    private final BlockingQueue<Runnable> tasks = new LinkedBlockingQueue<>();

    @Override
    public boolean isCurrent() {
        return Thread.currentThread() == thread;
    }

    @Override
    public void execute(Runnable task) {
        tasks.add(task);
    }

    /** Time passes when the test pumps. */
    @Override
    public void after(Duration delay, Runnable task) {
        tasks.add(task);
    }

    /** Runs what is waiting now, and what that brings. */
    public void runWaiting() {
        for (Runnable task = tasks.poll(); task != null; task = tasks.poll()) {
            task.run();
        }
    }

    /** Runs tasks as they come until the condition holds. */
    public void until(BooleanSupplier condition) {
        long deadline = System.nanoTime() + PATIENCE.toNanos();
        while (!condition.getAsBoolean()) {
            try {
                Runnable task = tasks.poll(10, TimeUnit.MILLISECONDS);
                if (task != null) {
                    task.run();
                } else if (System.nanoTime() > deadline) {
                    throw new AssertionError("still not so after " + PATIENCE);
                }
            } catch (InterruptedException e) {
                throw new AssertionError(e);
            }
        }
    }
}
