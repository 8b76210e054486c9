package io.tidemark.journal;

import java.time.Duration;

/** An owner that can be told to do something later. */
public interface TimedOwner extends Owner {

    /** Runs the task on the owner when the delay has passed. What is still waiting when the owner ends is dropped. */
    void after(Duration delay, Runnable task);
}
