package io.tidemark.intake;

import io.tidemark.journal.Sequence;
import io.tidemark.nbd.NbdError;
import java.util.Optional;

/** A change that is refused before it came here: what that may hide is recorded, durably, before the client hears of it. */
final class RefusalOperation implements Operation {

    private final ChangeOperation.Path path;
    private final Stream stream;
    private final String reason;
    private final Runnable tell;

    /** @param tell lets the client know, once */
    RefusalOperation(ChangeOperation.Path path, Stream stream, String reason, Runnable tell) {
        this.path = path;
        this.stream = stream;
        this.reason = reason;
        this.tell = tell;
    }

    @Override
    public boolean attempt() {
        if (!path.gaps().mayBe(stream) || path.fencing().isFenced(stream.id())) {
            tell.run();
            return true;
        }
        Optional<Sequence> recorded = path.gaps().record(stream, reason);
        recorded.ifPresent(at -> path.acknowledgements().whenDurable(at, outcome -> tell.run()));
        return recorded.isPresent();
    }

    @Override
    public void fail(NbdError error) {
        tell.run(); // the journal takes nothing: the next start records a gap for every such stream
    }
}
