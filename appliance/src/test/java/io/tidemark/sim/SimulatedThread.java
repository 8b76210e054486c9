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
    private final boolean waits;
    private final List<Runnable> tasks = new ArrayList<>();
    private final List<SimulatedTask> waiting = new ArrayList<>();
    private boolean atOnce;
    private boolean shutdown;

    /**
     * @param ordered whether its tasks run one after the other
     * @param waits whether they may wait for others
     */
    SimulatedThread(Scheduler scheduler, String name, boolean ordered, boolean waits) {
        this.scheduler = scheduler;
        this.waits = waits;
        this.name = name;
        this.ordered = ordered;
    }

    boolean isReady() {
        return waiting.stream().anyMatch(SimulatedTask::isReady) || begins();
    }

    /** Whether another task may begin. */
    private boolean begins() {
        return !tasks.isEmpty() && (!ordered || waiting.isEmpty());
    }

    Runnable take(Random random) {
        List<SimulatedTask> ready =
                waiting.stream().filter(SimulatedTask::isReady).toList();
        if (!ready.isEmpty() && (!begins() || random.nextBoolean())) {
            return () -> goOn(ready.get(random.nextInt(ready.size())));
        }
        Runnable task = tasks.remove(ordered ? 0 : random.nextInt(tasks.size()));
        return waits ? () -> begin(task) : task;
    }

    private void begin(Runnable task) {
        SimulatedTask begun = new SimulatedTask(task);
        waiting.add(begun);
        goOn(begun);
    }

    private void goOn(SimulatedTask task) {
        try {
            task.goOn();
        } finally {
            waiting.removeIf(SimulatedTask::isOver);
        }
    }

    void forget() {
        tasks.clear();
        waiting.clear();
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
