package io.tidemark.boot;

import static java.lang.foreign.ValueLayout.JAVA_INT;

import java.lang.foreign.FunctionDescriptor;
import java.lang.foreign.Linker;
import java.lang.invoke.MethodHandle;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * How far a thread stands back when there is too little processor time for all: setpriority(2), whose nice value is a thread's
 * own on Linux.
 *
 * <p>A guest waits for the threads of its connections, for forces, and for new segments when it writes fast; not for those that ship and
 * apply, as long as the journal has room. They keep a share all the same, so they always get on.
 */
@SuppressWarnings("restricted") // this is the system call; the launcher allows native access
enum Niceness {
    /** A guest waits for it. */
    NONE(0),
    /** The other site waits for it. */
    SOME(5),
    /** Nobody does, for now. */
    MUCH(10);

    private static final Logger LOG = LoggerFactory.getLogger(Niceness.class);

    private static final int PRIO_PROCESS = 0;
    private static final int CALLING_THREAD = 0;

    private static final MethodHandle SET_PRIORITY = Linker.nativeLinker()
            .downcallHandle(
                    Linker.nativeLinker().defaultLookup().findOrThrow("setpriority"),
                    FunctionDescriptor.of(JAVA_INT, JAVA_INT, JAVA_INT, JAVA_INT));

    private final int value;

    Niceness(int value) {
        this.value = value;
    }

    /** The task, on a thread that stands back so far from its beginning. */
    Runnable before(Runnable task) {
        return this == NONE
                ? task
                : () -> {
                    standBack();
                    task.run();
                };
    }

    private void standBack() {
        try {
            if ((int) SET_PRIORITY.invokeExact(PRIO_PROCESS, CALLING_THREAD, value) != 0) {
                LOG.warn("thread {} cannot stand back", Thread.currentThread().getName());
            }
        } catch (Throwable e) {
            throw new AssertionError("setpriority throws nothing", e);
        }
    }
}
