package io.tidemark.sim;

import io.tidemark.journal.TimedOwner;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Random;
import java.util.concurrent.AbstractExecutorService;
import java.util.concurrent.Callable;
import java.util.concurrent.ScheduledExecutorService;
import java.util.concurrent.ScheduledFuture;
import java.util.concurrent.TimeUnit;

/** A thread, or a few that share their tasks, of which the scheduler decides when it goes on. */
final class SimulatedThread extends AbstractExecutorService implements ScheduledExecutorService, TimedOwner {

    private final Scheduler scheduler;
    private final String name;
    private final boolean ordered;
    private final List<Runnable> tasks = new ArrayList<>();
    private boolean atOnce;
    private boolean shutdown;

    SimulatedThread(Scheduler scheduler, String name, boolean ordered) {
        this.scheduler = scheduler;
        this.name = name;
        this.ordered = ordered;
    }

    boolean isReady() {
        return !tasks.isEmpty();
    }

    Runnable take(Random random) {
        return tasks.remove(ordered ? 0 : random.nextInt(tasks.size()));
    }

    void forget() {
        tasks.clear();
        shutdown = true;
    }

    /** Does what waits, and from here on everything where it is asked for: somebody waits for it. */
    void runAtOnce() {
        while (isReady()) {
            scheduler.as(this, tasks.removeFirst());
        }
        atOnce = true;
    }

    void cancel(SimulatedTimer timer) {
        scheduler.cancel(timer);
    }

    @Override
    public boolean isCurrent() {
        return scheduler.isRunning(this);
    }

    @Override
    public void execute(Runnable task) {
        if (shutdown) {
            return;
        }
        if (atOnce) {
            scheduler.as(this, task);
        } else {
            tasks.add(task);
        }
    }

    @Override
    public void after(Duration delay, Runnable task) {
        var unused = add(delay, Duration.ZERO, task);
    }

    @Override
    public ScheduledFuture<?> schedule(Runnable task, long delay, TimeUnit unit) {
        return add(Duration.ofNanos(unit.toNanos(delay)), Duration.ZERO, task);
    }

    @Override
    public <V> ScheduledFuture<V> schedule(Callable<V> task, long delay, TimeUnit unit) {
        throw new UnsupportedOperationException();
    }

    @Override
    public ScheduledFuture<?> scheduleAtFixedRate(Runnable task, long first, long period, TimeUnit unit) {
        throw new UnsupportedOperationException();
    }

    @Override
    public ScheduledFuture<?> scheduleWithFixedDelay(Runnable task, long first, long delay, TimeUnit unit) {
        return add(Duration.ofNanos(unit.toNanos(first)), Duration.ofNanos(unit.toNanos(delay)), task);
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

    @Override
    public void close() {
        shutdown = true;
    }

    @Override
    public String toString() {
        return name;
    }

    private SimulatedTimer add(Duration delay, Duration period, Runnable task) {
        return scheduler.timer(this, delay, period, task);
    }
}
