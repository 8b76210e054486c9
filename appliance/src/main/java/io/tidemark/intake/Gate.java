package io.tidemark.intake;

import io.tidemark.journal.Journal;
import io.tidemark.nbd.NbdError;
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

    private final Journal journal;
    private final Deque<Operation> waiting = new ArrayDeque<>();
    private @Nullable NbdError closed;

    Gate(Journal journal) {
        this.journal = journal;
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
        if (waiting.size() == 1) {
            journal.whenRoom(this::goOn);
        }
    }

    private void goOn() {
        while (!waiting.isEmpty() && attempt(waiting.getFirst())) {
            waiting.pollFirst();
        }
        if (!waiting.isEmpty()) {
            journal.whenRoom(this::goOn);
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
