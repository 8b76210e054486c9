package io.tidemark.system;

import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;

/** The processes that tests have started: none outlives the tests, even when those are ended from outside. */
final class Children {

    private static final Set<Process> LIVING = ConcurrentHashMap.newKeySet();

    static {
        Runtime.getRuntime().addShutdownHook(new Thread(() -> LIVING.forEach(Process::destroyForcibly)));
    }

    private Children() {}

    /** Sees to the end of a process that was just started. */
    static Process adopt(Process process) {
        LIVING.add(process);
        var unused = process.onExit().thenAccept(LIVING::remove);
        return process;
    }
}
