package io.tidemark.intake;

import io.tidemark.nbd.Completion;
import io.tidemark.nbd.NbdError;
import io.tidemark.nbd.Outcome;

/** A client's flush: ends the epoch, and is answered when everything received before it is durable (I1). */
final class FlushOperation implements Operation {

    private final ChangeOperation.Path path;
    private final Epochs epochs;
    private final Stream stream;
    private final Completion completion;

    FlushOperation(ChangeOperation.Path path, Epochs epochs, Stream stream, Completion completion) {
        this.path = path;
        this.epochs = epochs;
        this.stream = stream;
        this.completion = completion;
    }

    @Override
    public boolean attempt() {
        if (path.fencing().isFenced(stream.id())) {
            fail(Fencing.DEAD);
            return true;
        }
        if (!epochs.flush(stream)) {
            return false;
        }
        path.acknowledgements().whenDurable(path.journal().appended(), completion);
        return true;
    }

    @Override
    public void fail(NbdError error) {
        completion.complete(new Outcome.Failed(error));
    }
}
