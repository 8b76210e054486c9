package io.tidemark.boot;

import io.tidemark.appliance.Threads;
import java.time.Duration;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.Executor;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Future;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.ScheduledExecutorService;
import java.util.concurrent.ScheduledThreadPoolExecutor;
import java.util.concurrent.ThreadPoolExecutor;
import java.util.concurrent.TimeUnit;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** Threads of the JVM, by name. What they throw is logged, never lost. */
final class JvmThreads implements Threads {

    private static final Logger LOG = LoggerFactory.getLogger(JvmThreads.class);

    private final ThreadPoolExecutor blocking;

    JvmThreads(int blockingThreads) {
        blocking = new ThreadPoolExecutor(
                blockingThreads,
                blockingThreads,
                1,
                TimeUnit.MINUTES,
                new LinkedBlockingQueue<>(), // bounded by what clients may have in flight
                task -> named("disk", Niceness.NONE, task));
        blocking.allowCoreThreadTimeOut(true);
    }

    @Override
    public OwnerThread owner(String name) {
        return new Owned(name);
    }

    @Override
    public ScheduledExecutorService single(String name) {
        return new Scheduler(name);
    }

    @Override
    public Executor blocking() {
        return blocking;
    }

    /** Ends the shared threads, when nothing uses them any more. */
    void close() {
        blocking.shutdown();
    }

    ExecutorService shared() {
        return blocking;
    }

    static Thread named(String name, Niceness niceness, Runnable task) {
        Thread thread = new Thread(niceness.before(task), name);
        thread.setDaemon(true);
        thread.setUncaughtExceptionHandler((t, e) -> LOG.error("thread {} has failed", t.getName(), e));
        return thread;
    }

    /** By the first word of its name, which says what it is for. */
    private static Niceness niceness(String name) {
        return switch (name.substring(0, Math.max(0, name.indexOf('-')))) {
            case "apply" -> Niceness.MUCH;
            case "ship" -> Niceness.SOME;
            default -> Niceness.NONE;
        };
    }

    /** One thread whose tasks' failures are logged, which a plain one keeps to itself. */
    private static final class Scheduler extends ScheduledThreadPoolExecutor {

        Scheduler(String name) {
            super(1, task -> named(name, niceness(name), task));
            setRemoveOnCancelPolicy(true);
            setExecuteExistingDelayedTasksAfterShutdownPolicy(false);
        }

        @Override
        protected void afterExecute(Runnable task, @Nullable Throwable thrown) {
            super.afterExecute(task, thrown);
            if (task instanceof Future<?> future && future.isDone() && !future.isCancelled()) {
                try {
                    future.get();
                } catch (ExecutionException e) {
                    LOG.error(
                            "a task of thread {} has failed",
                            Thread.currentThread().getName(),
                            e.getCause());
                } catch (InterruptedException e) {
                    Thread.currentThread().interrupt();
                }
            }
        }
    }

    private static final class Owned implements OwnerThread {

        private final Scheduler scheduler;
        private volatile @Nullable Thread thread;

        Owned(String name) {
            scheduler = new Scheduler(name);
            scheduler.execute(() -> thread = Thread.currentThread());
        }

        @Override
        public boolean isCurrent() {
            return Thread.currentThread().equals(thread);
        }

        @Override
        public void execute(Runnable task) {
            scheduler.execute(task);
        }

        @Override
        public void after(Duration delay, Runnable task) {
            var unused = scheduler.schedule(task, delay.toNanos(), TimeUnit.NANOSECONDS);
        }

        @Override
        public void close() {
            scheduler.shutdown();
        }
    }
}
