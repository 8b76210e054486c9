package io.tidemark.journal.log;

import java.util.concurrent.ScheduledExecutorService;
import java.util.concurrent.TimeUnit;

/** Runs a task once more after a while, however often it is asked to in between. The keeper thread. */
final class Again {

    private final ScheduledExecutorService keeper;
    private final Runnable task;
    private boolean waiting;

    Again(ScheduledExecutorService keeper, Runnable task) {
        this.keeper = keeper;
        this.task = task;
    }

    void later() {
        if (!waiting && !keeper.isShutdown()) {
            waiting = true;
            var unused = keeper.schedule(this::run, JournalSettings.RETRY_INTERVAL.toMillis(), TimeUnit.MILLISECONDS);
        }
    }

    private void run() {
        waiting = false;
        task.run();
    }
}
