package io.tidemark.appliance;

import io.tidemark.journal.TimedOwner;
import java.util.concurrent.Executor;
import java.util.concurrent.ScheduledExecutorService;

/** Makes the threads of an appliance. Whoever asks for one ends it. */
public interface Threads {

    /** A thread that owns something. */
    OwnerThread owner(String name);

    /** A thread that waits for the disk, and a timer. */
    ScheduledExecutorService single(String name);

    /** Threads that may wait for the disk, shared by all. */
    Executor blocking();

    /** An owner with a thread of its own, which must not be interrupted: it may be writing a file. */
    interface OwnerThread extends TimedOwner, AutoCloseable {

        /** Ends the thread after what it has been told to do. */
        @Override
        void close();
    }
}
