package io.tidemark.sim;

import java.util.ArrayList;
import java.util.List;

/** One life of a process: its threads, which end together, however far it has come. */
final class SimulatedProcess {

    private final Scheduler scheduler;
    private final List<SimulatedThread> threads = new ArrayList<>();

    SimulatedProcess(Scheduler scheduler) {
        this.scheduler = scheduler;
    }

    SimulatedThread thread(String name) {
        return add(scheduler.thread(name));
    }

    /** Threads that share their tasks, so that these end in any order. */
    SimulatedThread pool(String name) {
        return add(scheduler.pool(name));
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
