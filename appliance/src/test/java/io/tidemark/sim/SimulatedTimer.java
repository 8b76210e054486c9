package io.tidemark.sim;

import java.time.Duration;
import java.util.concurrent.Delayed;
import java.util.concurrent.FutureTask;
import java.util.concurrent.ScheduledFuture;
import java.util.concurrent.TimeUnit;

/** Something a thread has to do at a time. */
final class SimulatedTimer extends FutureTask<Object> implements ScheduledFuture<Object> {

    private final SimulatedThread thread;
    private final long number;
    private final Duration period;
    private final Runnable task;
    private long at;

    SimulatedTimer(SimulatedThread thread, long at, long number, Duration period, Runnable task) {
        super(() -> {}, "");
        this.thread = thread;
        this.at = at;
        this.number = number;
        this.period = period;
        this.task = task;
    }

    SimulatedThread thread() {
        return thread;
    }

    long at() {
        return at;
    }

    /** Of two at the same time, the one that was made first comes first. */
    long number() {
        return number;
    }

    Duration period() {
        return period;
    }

    Runnable task() {
        return task;
    }

    SimulatedTimer again(long now) {
        at = now + period.toNanos();
        return this;
    }

    @Override
    public boolean cancel(boolean interrupt) {
        thread.cancel(this);
        return super.cancel(interrupt);
    }

    @Override
    public long getDelay(TimeUnit unit) {
        return unit.convert(at, TimeUnit.NANOSECONDS);
    }

    @Override
    public int compareTo(Delayed other) {
        return Long.compare(getDelay(TimeUnit.NANOSECONDS), other.getDelay(TimeUnit.NANOSECONDS));
    }
}
