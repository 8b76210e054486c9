package io.tidemark.journal;

import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Deque;
import java.util.List;
import java.util.concurrent.AbstractExecutorService;
import java.util.concurrent.Callable;
import java.util.concurrent.Delayed;
import java.util.concurrent.Executors;
import java.util.concurrent.FutureTask;
import java.util.concurrent.ScheduledExecutorService;
import java.util.concurrent.ScheduledFuture;
import java.util.concurrent.TimeUnit;

/**
 * A thread of a journal that is the test's own: tasks wait until the test runs them, and what is due later is due when the
 * test says so. Used by one thread.
 */
public final class PumpedThread extends AbstractExecutorService implements ScheduledExecutorService {

    private final Deque<Runnable> tasks = new ArrayDeque<>();
    private final List<Later> later = new ArrayList<>();
    private boolean atOnce;
    private boolean shutdown;

    /** Runs what waits, and what that brings. */
    public void run() {
        for (Runnable task = tasks.poll(); task != null; task = tasks.poll()) {
            task.run();
        }
    }

    /** Time passes: whatever was scheduled is due, once. */
    public void tick() {
        List<Later> due = List.copyOf(later);
        later.removeIf(each -> !each.repeats || each.isCancelled());
        due.stream().filter(each -> !each.isCancelled()).forEach(each -> tasks.add(each.task));
        run();
    }

    /** From now on tasks run where they are submitted: the test waits for them. */
    public void runAtOnce() {
        run();
        atOnce = true;
    }

    /** What waits is never run. */
    public void forget() {
        tasks.clear();
    }

    @Override
    public void execute(Runnable task) {
        if (atOnce) {
            task.run();
        } else {
            tasks.add(task);
        }
    }

    @Override
    public ScheduledFuture<?> schedule(Runnable task, long delay, TimeUnit unit) {
        return add(task, false);
    }

    @Override
    public ScheduledFuture<?> scheduleWithFixedDelay(Runnable task, long initial, long delay, TimeUnit unit) {
        return add(task, true);
    }

    @Override
    public ScheduledFuture<?> scheduleAtFixedRate(Runnable task, long initial, long period, TimeUnit unit) {
        return add(task, true);
    }

    @Override
    public <V> ScheduledFuture<V> schedule(Callable<V> task, long delay, TimeUnit unit) {
        throw new UnsupportedOperationException();
    }

    @Override
    public void shutdown() {
        shutdown = true;
    }

    @Override
    public List<Runnable> shutdownNow() {
        shutdown = true;
        return List.of();
    }

    @Override
    public boolean isShutdown() {
        return shutdown;
    }

    @Override
    public boolean isTerminated() {
        return shutdown;
    }

    @Override
    public boolean awaitTermination(long timeout, TimeUnit unit) {
        return shutdown;
    }

    private Later add(Runnable task, boolean repeats) {
        Later added = new Later(task, repeats);
        later.add(added);
        return added;
    }

    private static final class Later extends FutureTask<Object> implements ScheduledFuture<Object> {

        private final Runnable task;
        private final boolean repeats;

        Later(Runnable task, boolean repeats) {
            super(Executors.callable(task));
            this.task = task;
            this.repeats = repeats;
        }

        @Override
        public long getDelay(TimeUnit unit) {
            return 0;
        }

        @Override
        public int compareTo(Delayed other) {
            return 0;
        }
    }
}
