package io.tidemark.stage;

import io.tidemark.appliance.Threads;
import java.time.Duration;
import java.util.Queue;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.concurrent.Executor;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.ScheduledExecutorService;
import java.util.concurrent.TimeUnit;

/** Real threads of an appliance, all ended together. */
final class StagedThreads implements Threads, AutoCloseable {

    private final ExecutorService blocking = Executors.newFixedThreadPool(4);
    private final Queue<ScheduledExecutorService> singles = new ConcurrentLinkedQueue<>();

    @Override
    public OwnerThread owner(String name) {
        return new Owned(single(name));
    }

    @Override
    public ScheduledExecutorService single(String name) {
        ScheduledExecutorService single = Executors.newSingleThreadScheduledExecutor(task -> new Thread(task, name));
        singles.add(single);
        return single;
    }

    @Override
    public Executor blocking() {
        return blocking;
    }

    @Override
    public void close() {
        singles.forEach(ExecutorService::shutdownNow);
        blocking.shutdownNow();
    }

    private static final class Owned implements OwnerThread {

        private final ScheduledExecutorService executor;
        private volatile Thread thread = Thread.currentThread();

        Owned(ScheduledExecutorService executor) {
            this.executor = executor;
            executor.execute(() -> thread = Thread.currentThread());
        }

        @Override
        public boolean isCurrent() {
            return Thread.currentThread().equals(thread);
        }

        @Override
        public void execute(Runnable task) {
            executor.execute(task);
        }

        @Override
        public void after(Duration delay, Runnable task) {
            if (!executor.isShutdown()) {
                var unused = executor.schedule(task, delay.toNanos(), TimeUnit.NANOSECONDS);
            }
        }

        @Override
        public void close() {
            executor.shutdown();
        }
    }
}
