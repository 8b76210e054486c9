package io.tidemark.intake;

import io.tidemark.journal.Journal;
import io.tidemark.nbd.NbdError;
import java.util.ArrayDeque;
import java.util.Deque;

/**
 * Where operations enter the journal, one after the other. What finds no room waits, and so does all behind it, so that
 * order is kept; what waits is bounded by what the server lets clients have in flight. The owner's.
 */
final class Gate {

    private final Journal journal;
    private final Deque<Operation> waiting = new ArrayDeque<>();
    private boolean closed;

    Gate(Journal journal) {
        this.journal = journal;
        journal.onFault(fault -> close(NbdError.IO));
    }

    /** Does it now, or when what waits before it is done. */
    void submit(Operation operation) {
        if (closed || journal.fault().isPresent()) {
            operation.fail(closed ? NbdError.SHUTTING_DOWN : NbdError.IO);
        } else if (!waiting.isEmpty() || !operation.attempt()) {
            wait(operation);
        }
    }

    /** How many operations wait for room. */
    int waiting() {
        return waiting.size();
    }

    /** Fails what waits and whatever comes. */
    void close(NbdError error) {
        closed = true;
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
        while (!waiting.isEmpty() && waiting.getFirst().attempt()) {
            waiting.removeFirst();
        }
        if (!waiting.isEmpty()) {
            journal.whenRoom(this::goOn);
        }
    }
}
