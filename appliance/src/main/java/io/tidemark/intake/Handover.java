package io.tidemark.intake;

import io.tidemark.journal.Owner;
import java.util.concurrent.atomic.AtomicBoolean;
import org.jctools.queues.MpscArrayQueue;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Hands the requests of other threads over to the owner, in batches and in the order each thread gave them.
 *
 * <p>The owner is woken once a batch. Bounded: what finds the queue full is not taken.
 */
final class Handover {

    private static final Logger LOG = LoggerFactory.getLogger(Handover.class);

    private static final int BATCH = 256;

    private final Owner owner;
    private final MpscArrayQueue<Runnable> queue;
    private final AtomicBoolean woken = new AtomicBoolean();

    Handover(Owner owner, int requestsMax) {
        this.owner = owner;
        this.queue = new MpscArrayQueue<>(requestsMax);
    }

    /** Runs the request on the owner soon; false, and nothing happens, when too many wait already. Any thread. */
    boolean offer(Runnable request) {
        if (!queue.offer(request)) {
            return false;
        }
        wake();
        return true;
    }

    /** One request that fails must not take those behind it with it. */
    private static void run(Runnable request) {
        try {
            request.run();
        } catch (RuntimeException e) {
            LOG.error("a request that was handed over has failed", e);
        }
    }

    private void wake() {
        if (woken.compareAndSet(false, true)) {
            owner.execute(this::takeBatch);
        }
    }

    private void takeBatch() {
        woken.set(false);
        queue.drain(Handover::run, BATCH);
        if (!queue.isEmpty()) {
            wake();
        }
    }
}
