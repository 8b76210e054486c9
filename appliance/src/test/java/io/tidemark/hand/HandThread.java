package io.tidemark.hand;

import io.tidemark.journal.TimedOwner;
import java.time.Duration;
import java.util.ArrayDeque;
import java.util.Comparator;
import java.util.Deque;
import java.util.List;
import java.util.PriorityQueue;
import java.util.concurrent.AbstractExecutorService;
import java.util.concurrent.Callable;
import java.util.concurrent.Delayed;
import java.util.concurrent.FutureTask;
import java.util.concurrent.ScheduledExecutorService;
import java.util.concurrent.ScheduledFuture;
import java.util.concurrent.TimeUnit;

/** A thread and its clock that the test itself is: tasks wait until they are run, timers until time is moved on. */
public final class HandThread extends AbstractExecutorService implements ScheduledExecutorService, TimedOwner {

    private final Thread test = Thread.currentThread();
    private final Deque<Runnable> tasks = new ArrayDeque<>();
    private final PriorityQueue<Timer> timers = new PriorityQueue<>(Comparator.comparingLong(timer -> timer.at));
    private boolean inline;
    private boolean shutdown;
    private long now;

    /** From here on tasks run where they are submitted. */
    public HandThread inline() {
        inline = true;
        run();
        return this;
    }

    /** From here on tasks wait again. */
    public void byHand() {
        inline = false;
    }

    /** Nanoseconds, as moved so far. */
    public long nanoTime() {
        return now;
    }

    /** How many tasks wait. */
    public int waiting() {
        return tasks.size();
    }

    /** Runs one task, or a timer that is due; false if there is none. */
    public boolean step() {
        Runnable next = tasks.poll();
        if (next == null && !timers.isEmpty() && timers.peek().at <= now) {
            next = timers.poll()::fire;
        }
        if (next != null) {
            next.run();
        }
        return next != null;
    }

    /** Runs what waits, and what that brings. */
    public void run() {
        while (step()) {}
    }

    /** Moves time on, runs the timers that are due, in order, and all tasks. */
    public void pass(Duration time) {
        long until = now + time.toNanos();
        run();
        while (!timers.isEmpty() && timers.peek().at <= until) {
            Timer due = timers.poll();
            now = Math.max(now, due.at);
            due.fire();
            run();
        }
        now = until;
    }

    @Override
    public boolean isCurrent() {
        return Thread.currentThread() == test;
    }

    @Override
    public void execute(Runnable task) {
        if (inline) {
            task.run();
        } else {
            tasks.add(task);
        }
    }

    @Override
    public void after(Duration delay, Runnable task) {
        timers.add(new Timer(now + delay.toNanos(), 0, task));
    }

    @Override
    public ScheduledFuture<?> schedule(Runnable command, long delay, TimeUnit unit) {
        return add(new Timer(now + unit.toNanos(delay), 0, command));
    }

    @Override
    public <V> ScheduledFuture<V> schedule(Callable<V> callable, long delay, TimeUnit unit) {
        throw new UnsupportedOperationException();
    }

    @Override
    public ScheduledFuture<?> scheduleAtFixedRate(Runnable command, long first, long period, TimeUnit unit) {
        throw new UnsupportedOperationException();
    }

    @Override
    public ScheduledFuture<?> scheduleWithFixedDelay(Runnable command, long first, long delay, TimeUnit unit) {
        return add(new Timer(now + unit.toNanos(first), unit.toNanos(delay), command));
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

    private Timer add(Timer timer) {
        timers.add(timer);
        return timer;
    }

    private final class Timer extends FutureTask<Void> implements ScheduledFuture<Void> {

        private final Runnable command;
        private final long period;
        private long at;

        Timer(long at, long period, Runnable command) {
            super(() -> {}, null);
            this.command = command;
            this.period = period;
            this.at = at;
        }

        void fire() {
            command.run();
            if (period > 0 && !isCancelled()) {
                at += period;
                timers.add(this);
            }
        }

        @Override
        public boolean cancel(boolean interrupt) {
            timers.remove(this);
            return super.cancel(interrupt);
        }

        @Override
        public long getDelay(TimeUnit unit) {
            return unit.convert(at - now, TimeUnit.NANOSECONDS);
        }

        @Override
        public int compareTo(Delayed other) {
            return Long.compare(getDelay(TimeUnit.NANOSECONDS), other.getDelay(TimeUnit.NANOSECONDS));
        }
    }
}
