package io.tidemark.intake;

import io.tidemark.journal.Journal;
import io.tidemark.journal.Sequence;
import io.tidemark.journal.TimedOwner;
import io.tidemark.nbd.Completion;
import io.tidemark.nbd.NbdError;
import io.tidemark.nbd.Outcome;
import java.time.Duration;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Set;

/** Answers clients: at once, when durable, or later because the journal fills up. The owner's. */
final class Acknowledgements {

    private final Journal journal;
    private final TimedOwner owner;
    private final Pressure pressure;
    private final Sequence trace;
    private final Set<Completion> waiting = new LinkedHashSet<>();

    /** Made before the journal is appended to in this life. */
    Acknowledgements(Journal journal, TimedOwner owner, Pressure pressure) {
        this.journal = journal;
        this.owner = owner;
        this.pressure = pressure;
        this.trace = journal.appended().next();
        journal.onFault(fault -> failWaiting());
    }

    /**
     * Acknowledges a change that is in the journal.
     *
     * <p>Not before the first record of this life is durable: a power cut would leave no trace of the life, and the next start would
     * find that the one before had ended cleanly, and tell no guest that acknowledged writes are gone.
     */
    void journaled(Completion completion) {
        if (journal.durable().isBefore(trace)) {
            waiting.add(completion);
            journal.whenDurable(trace, () -> {
                waiting.remove(completion);
                acknowledge(completion);
            });
        } else {
            acknowledge(completion);
        }
    }

    private void acknowledge(Completion completion) {
        Duration delay = pressure.delay();
        if (delay.isZero()) {
            completion.complete(Outcome.DONE);
        } else {
            owner.after(delay, () -> completion.complete(Outcome.DONE));
        }
    }

    /** Acknowledges once everything up to {@code sequence} is durable. */
    void whenDurable(Sequence sequence, Completion completion) {
        answerWhenDurable(sequence, completion, Outcome.DONE);
    }

    /** Refuses, once the record at {@code sequence} that says why is durable. */
    void refuseWhenDurable(Sequence sequence, Completion completion, NbdError error) {
        answerWhenDurable(sequence, completion, new Outcome.Failed(error));
    }

    private void answerWhenDurable(Sequence sequence, Completion completion, Outcome outcome) {
        waiting.add(completion);
        journal.whenDurable(sequence, () -> {
            waiting.remove(completion);
            completion.complete(outcome);
        });
    }

    private void failWaiting() {
        List<Completion> all = List.copyOf(waiting);
        waiting.clear();
        all.forEach(completion -> completion.complete(new Outcome.Failed(NbdError.IO)));
    }
}
