package io.tidemark.intake;

import io.tidemark.journal.Entry;
import io.tidemark.journal.Journal;
import io.tidemark.journal.Sequence;
import io.tidemark.nbd.NbdError;
import io.tidemark.nbd.Outcome;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;
import java.util.function.Function;
import java.util.function.Supplier;

/** Something an operator asked for: decided from the states as they are when its turn comes, then recorded. The owner's. */
final class OperatorRequest implements Operation {

    /** What is to be done about a request. */
    sealed interface Decision {

        /** Nothing; this is the answer, when what it was decided from is durable. */
        record Answer(Registration registration) implements Decision {}

        /** These records are to be appended, then this is to be run, and this is the answer when they are durable. */
        record Append(List<Entry.Control> entries, Runnable then, Function<Sequence, Registration> answer)
                implements Decision {

            /** What was asked for is done by these records. */
            Append(List<Entry.Control> entries, Runnable then) {
                this(entries, then, Registration.Done::new);
            }
        }
    }

    private final Journal journal;
    private final Controls controls;
    private final Acknowledgements acknowledgements;
    private final Supplier<Decision> decide;
    private final CompletableFuture<Registration> answer = new CompletableFuture<>();

    OperatorRequest(Journal journal, Controls controls, Acknowledgements acknowledgements, Supplier<Decision> decide) {
        this.journal = journal;
        this.controls = controls;
        this.acknowledgements = acknowledgements;
        this.decide = decide;
    }

    /** Completes when what was asked for is durable, or cannot be. */
    CompletableFuture<Registration> answer() {
        return answer;
    }

    @Override
    public boolean attempt() {
        return switch (decide.get()) {
            case Decision.Answer now -> {
                answerWhenDurable(journal.appended(), now.registration());
                yield true;
            }
            case Decision.Append append -> append(append);
        };
    }

    @Override
    public void fail(NbdError error) {
        answer.complete(new Registration.Refused("the journal takes no records: " + error.text()));
    }

    private boolean append(Decision.Append append) {
        Sequence last = journal.appended();
        for (Entry.Control entry : append.entries()) {
            Optional<Sequence> at = controls.append(entry);
            if (at.isEmpty()) {
                return false;
            }
            last = at.get();
        }
        append.then().run();
        answerWhenDurable(last, append.answer().apply(last));
        return true;
    }

    private void answerWhenDurable(Sequence at, Registration registration) {
        acknowledgements.whenDurable(at, outcome -> {
            switch (outcome) {
                case Outcome.Done done -> answer.complete(registration);
                case Outcome.Failed failed -> fail(failed.error());
            }
        });
    }
}
