package io.tidemark.intake;

import io.tidemark.journal.Journal;
import io.tidemark.nbd.Completion;
import io.tidemark.nbd.NbdError;
import io.tidemark.nbd.Outcome;

/** A client's flush: ends the epoch, and is answered when everything received before it is durable (I1). */
final class FlushOperation implements Operation {

    private final Journal journal;
    private final Epochs epochs;
    private final Acknowledgements acknowledgements;
    private final Stream stream;
    private final Completion completion;

    FlushOperation(
            Journal journal, Epochs epochs, Acknowledgements acknowledgements, Stream stream, Completion completion) {
        this.journal = journal;
        this.epochs = epochs;
        this.acknowledgements = acknowledgements;
        this.stream = stream;
        this.completion = completion;
    }

    @Override
    public boolean attempt() {
        if (!epochs.flush(stream)) {
            return false;
        }
        acknowledgements.whenDurable(journal.appended(), completion);
        return true;
    }

    @Override
    public void fail(NbdError error) {
        completion.complete(new Outcome.Failed(error));
    }
}
