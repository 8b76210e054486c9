package io.tidemark.stage;

import io.tidemark.journal.PumpedOwner;
import io.tidemark.journal.TimedOwner;
import java.time.Duration;
import java.util.List;
import java.util.Queue;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.concurrent.atomic.AtomicLong;
import java.util.function.BooleanSupplier;

/** An owner whose thread is the test, and whose time passes only when the test says so. */
public final class StagedOwner implements TimedOwner {

    private record Later(long atNanos, Runnable task) {}

    private final PumpedOwner pump;
    private final Queue<Later> later = new ConcurrentLinkedQueue<>();
    private final AtomicLong nanos = new AtomicLong(1_000_000_000L);

    public StagedOwner() {
        this(new PumpedOwner());
    }

    public StagedOwner(PumpedOwner pump) {
        this.pump = pump;
    }

    @Override
    public boolean isCurrent() {
        return pump.isCurrent();
    }

    @Override
    public void execute(Runnable task) {
        pump.execute(task);
    }

    @Override
    public void after(Duration delay, Runnable task) {
        later.add(new Later(nanos.get() + delay.toNanos(), task));
    }

    public long nanoTime() {
        return nanos.get();
    }

    /** How many tasks wait for their time. */
    public int waitingForTheirTime() {
        return later.size();
    }

    /** Lets time pass, then runs what became due, each task once. */
    public void pass(Duration time) {
        long now = nanos.addAndGet(time.toNanos());
        List<Later> due = later.stream().filter(each -> each.atNanos() <= now).toList();
        later.removeAll(due);
        due.forEach(each -> pump.execute(each.task()));
        pump.runWaiting();
    }

    public void runWaiting() {
        pump.runWaiting();
    }

    /** Runs tasks as they come until the condition holds. */
    public void until(BooleanSupplier condition) {
        pump.until(condition);
    }

    /** What a future brings, running tasks meanwhile. */
    public <T> T await(CompletableFuture<T> future) {
        pump.until(future::isDone);
        return future.join();
    }

    /** Runs what may not run on the owner, while the owner goes on. */
    public void beside(Runnable blocking) {
        await(CompletableFuture.runAsync(blocking));
    }
}
