package io.tidemark.sim;

import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.Optional;
import java.util.PriorityQueue;
import java.util.Random;
import java.util.function.Supplier;

/** Decides which thread goes on, and when time passes. All randomness of a run comes from its seed. */
final class Scheduler {

    private static final Instant EPOCH = Instant.parse("2026-01-01T00:00:00Z");
    private static final int ONE_IN_PASSES_TIME = 6;

    private final Random random;
    private final List<SimulatedThread> threads = new ArrayList<>();
    private final PriorityQueue<SimulatedTimer> timers =
            new PriorityQueue<>(Comparator.comparingLong(SimulatedTimer::at).thenComparing(SimulatedTimer::number));
    private long nanos = 1_000_000_000L;
    private Duration wallAhead = Duration.ZERO;
    private long timersMade;
    private Optional<SimulatedThread> running = Optional.empty();

    Scheduler(long seed) {
        random = new Random(seed);
    }

    Random random() {
        return random;
    }

    /** Whether something happens that happens once in so many times. */
    boolean oneIn(int times) {
        return random.nextInt(times) == 0;
    }

    Duration upTo(Duration most) {
        return Duration.ofNanos(1 + (long) (random.nextDouble() * most.toNanos()));
    }

    SimulatedThread thread(String name) {
        return thread(name, false);
    }

    /** @param waits whether its tasks may wait for others */
    SimulatedThread thread(String name, boolean waits) {
        SimulatedThread thread = new SimulatedThread(this, name, true, waits);
        threads.add(thread);
        return thread;
    }

    /** Threads that share their tasks, so that these end in any order. */
    SimulatedThread pool(String name, boolean waits) {
        SimulatedThread pool = new SimulatedThread(this, name, false, waits);
        threads.add(pool);
        return pool;
    }

    /** The thread is no more, and nothing it had to do is ever done. */
    void end(SimulatedThread thread) {
        thread.forget();
        threads.remove(thread);
        timers.removeIf(timer -> timer.thread().equals(thread));
    }

    /** The monotonic clock, of all. */
    long nanoTime() {
        return nanos;
    }

    /** What the clock on the wall says. */
    Instant wall() {
        return EPOCH.plusNanos(nanos).plus(wallAhead);
    }

    /** The clock on the wall is put somewhere else. */
    void jump(Duration by) {
        wallAhead = wallAhead.plus(by);
    }

    SimulatedTimer timer(SimulatedThread thread, Duration delay, Duration period, Runnable task) {
        SimulatedTimer timer = new SimulatedTimer(thread, nanos + delay.toNanos(), timersMade++, period, task);
        timers.add(timer);
        return timer;
    }

    void cancel(SimulatedTimer timer) {
        timers.remove(timer);
    }

    /** One thread runs one task, or time passes until a timer is due. */
    void step() {
        List<SimulatedThread> ready =
                threads.stream().filter(SimulatedThread::isReady).toList();
        if (ready.isEmpty() || oneIn(ONE_IN_PASSES_TIME)) {
            passToNextTimer();
        } else {
            SimulatedThread next = ready.get(random.nextInt(ready.size()));
            as(next, next.take(random));
        }
    }

    /** Runs the task on this thread, now. */
    void as(SimulatedThread thread, Runnable task) {
        boolean unused = as(thread, () -> {
            task.run();
            return true;
        });
    }

    /** Runs the task on this thread, now, and gives what it brings. */
    <T> T as(SimulatedThread thread, Supplier<T> task) {
        Optional<SimulatedThread> before = running;
        running = Optional.of(thread);
        try {
            return task.get();
        } finally {
            running = before;
        }
    }

    boolean isRunning(SimulatedThread thread) {
        return running.filter(thread::equals).isPresent();
    }

    private void passToNextTimer() {
        SimulatedTimer due = timers.poll();
        if (due != null) {
            nanos = Math.max(nanos, due.at());
            due.thread().execute(due.task());
            if (due.period().isPositive() && !due.isCancelled()) {
                timers.add(due.again(nanos));
            }
        }
    }
}
