package io.tidemark.intake;

import io.tidemark.journal.Journal;
import io.tidemark.journal.TimedOwner;
import io.tidemark.nbd.NbdError;
import java.time.Duration;
import java.util.ArrayDeque;
import java.util.Deque;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Where operations enter the journal, one after the other. What finds no room waits, and so does all behind it, so that
 * order is kept; what waits is bounded by what the server lets clients have in flight. The owner's.
 */
final class Gate {

    private static final Logger LOG = LoggerFactory.getLogger(Gate.class);

    /** What waits may lose its patience with no word from the journal. */
    private static final Duration RETRY_INTERVAL = Duration.ofMillis(250);

    private final Journal journal;
    private final TimedOwner owner;
    private final Deque<Operation> waiting = new ArrayDeque<>();
    private boolean listening;
    private boolean retrying;
    private @Nullable NbdError closed;

    Gate(Journal journal, TimedOwner owner) {
        this.journal = journal;
        this.owner = owner;
        journal.onFault(fault -> close(NbdError.IO));
    }

    /** Does it now, or when what waits before it is done. */
    void submit(Operation operation) {
        NbdError why = closed;
        if (why != null || journal.fault().isPresent()) {
            operation.fail(why != null ? why : NbdError.IO);
        } else if (!waiting.isEmpty() || !attempt(operation)) {
            wait(operation);
        }
    }

    /**
     * Does it before all that waits, or as the first when there is room: for what makes the room that the others wait for. Nothing that waits was
     * acknowledged, so it is as if this had come earlier.
     */
    void submitAhead(Operation operation) {
        NbdError why = closed;
        if (why != null || journal.fault().isPresent()) {
            operation.fail(why != null ? why : NbdError.IO);
        } else if (!attempt(operation)) {
            waiting.addFirst(operation);
            awaitRoom();
        }
    }

    /** How many operations wait for room. */
    int waiting() {
        return waiting.size();
    }

    /** Fails what waits and whatever comes. */
    void close(NbdError error) {
        closed = error;
        for (Operation each = waiting.poll(); each != null; each = waiting.poll()) {
            each.fail(error);
        }
    }

    private void wait(Operation operation) {
        waiting.add(operation);
        awaitRoom();
    }

    private void awaitRoom() {
        if (!listening) {
            listening = true;
            journal.whenRoom(() -> {
                listening = false;
                goOn();
            });
        }
        if (!retrying) {
            retrying = true;
            owner.after(RETRY_INTERVAL, () -> {
                retrying = false;
                goOn();
            });
        }
    }

    private void goOn() {
        while (!waiting.isEmpty() && attempt(waiting.getFirst())) {
            waiting.pollFirst();
        }
        if (!waiting.isEmpty()) {
            awaitRoom();
        }
    }

    /** Whoever asked for what fails must hear of it, and what waits behind it must go on. */
    private static boolean attempt(Operation operation) {
        try {
            return operation.attempt();
        } catch (RuntimeException e) {
            LOG.error("an operation has failed", e);
            operation.fail(NbdError.IO);
            return true;
        }
    }
}
