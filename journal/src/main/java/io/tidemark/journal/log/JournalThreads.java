package io.tidemark.journal.log;

import io.tidemark.journal.Owner;
import java.util.concurrent.ScheduledExecutorService;

/**
 * The threads of one journal. Their creator ends them, after the journal is closed.
 *
 * @param owner appends
 * @param forcer one thread: waits for the disk
 * @param keeper one thread: prepares, seals and deletes segments
 */
public record JournalThreads(Owner owner, ScheduledExecutorService forcer, ScheduledExecutorService keeper) {}
