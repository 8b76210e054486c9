package io.tidemark.link;

import io.tidemark.journal.Owner;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;

/** An owner with a thread of its own. */
public final class ThreadOwner implements Owner, AutoCloseable {

    private volatile Thread thread = Thread.currentThread();
    private final ExecutorService executor;

    public ThreadOwner(String name) {
        executor = Executors.newSingleThreadExecutor(task -> thread = new Thread(task, name));
    }

    @Override
    public boolean isCurrent() {
        return Thread.currentThread() == thread;
    }

    @Override
    public void execute(Runnable task) {
        executor.execute(task);
    }

    @Override
    public void close() {
        executor.shutdownNow();
    }
}
