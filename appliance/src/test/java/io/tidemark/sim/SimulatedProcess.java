package io.tidemark.sim;

import java.util.ArrayList;
import java.util.List;

/** One life of a process: its threads, which end together, however far it has come. */
final class SimulatedProcess {

    private final Scheduler scheduler;
    private final boolean waits;
    private final List<SimulatedThread> threads = new ArrayList<>();

    SimulatedProcess(Scheduler scheduler) {
        this(scheduler, false);
    }

    /** @param waits whether tasks of its threads may wait for others */
    SimulatedProcess(Scheduler scheduler, boolean waits) {
        this.scheduler = scheduler;
        this.waits = waits;
    }

    SimulatedThread thread(String name) {
        return add(scheduler.thread(name, waits));
    }

    /** Threads that share their tasks, so that these end in any order. */
    SimulatedThread pool(String name) {
        return add(scheduler.pool(name, waits));
    }

    /** Nothing that it had to do is ever done. */
    void end() {
        threads.forEach(scheduler::end);
    }

    private SimulatedThread add(SimulatedThread thread) {
        threads.add(thread);
        return thread;
    }
}
