package io.tidemark.intake;

import io.tidemark.intake.OperatorRequest.Decision;
import io.tidemark.journal.Entry;
import io.tidemark.journal.Sequence;
import io.tidemark.journal.Side;
import java.util.List;

/**
 * The records that a new lineage begins with: they tell a replica that has nothing what went before them, and that every disk is being copied
 * (docs/protocol.md, section 5). Decisions only; the owner's.
 */
final class NewLineage {

    private final Streams streams;
    private final ReplicaCopies copies;
    private final Rungs rungs;

    NewLineage(Streams streams, ReplicaCopies copies, Rungs rungs) {
        this.streams = streams;
        this.copies = copies;
        this.rungs = rungs;
    }

    /**
     * Begins a lineage. The answer is done at the sequence before its first record.
     *
     * @param life this life of the journal
     * @param rolledBack whether this site may have lost writes that it had
     */
    Decision begin(Entry.Opened life, boolean rolledBack) {
        Restatement restatement = new Restatement(
                streams,
                life,
                List.of(),
                stream -> new Entry.CopyBegin(stream.id(), stream.epoch(), Side.SHIP),
                rolledBack);
        return new Decision.Append(
                restatement.records(),
                () -> {
                    restatement.recorded();
                    rungs.climb("a new lineage has begun");
                    streams.all().forEach(copies::beginAll);
                },
                last -> new Registration.Done(
                        new Sequence(last.number() - restatement.records().size())));
    }
}
