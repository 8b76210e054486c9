package io.tidemark.journal.log;

import io.tidemark.journal.Entry;
import io.tidemark.journal.Epoch;
import io.tidemark.journal.Fault;
import io.tidemark.journal.Mark;
import io.tidemark.journal.Sequence;
import io.tidemark.journal.format.BadRecord;
import io.tidemark.journal.format.RecordFormat;
import io.tidemark.journal.segment.Segment;
import io.tidemark.journal.segment.SegmentChain;
import io.tidemark.journal.segment.StoredMark;
import java.util.function.Consumer;

/** Reads the control records of a chain from its indexes, and from the records only where the index does not say it all. */
final class ChainMarks {

    private ChainMarks() {}

    static void read(SegmentChain chain, Sequence after, Sequence upTo, Consumer<Mark> reader) {
        for (Segment segment : chain.all()) {
            if (segment.last().isAfter(after) && !segment.first().isAfter(upTo)) {
                segment.contents()
                        .marks(
                                after,
                                upTo,
                                stored -> reader.accept(
                                        new Mark(stored.sequence(), stored.timeNanos(), entry(segment, stored))));
            }
        }
    }

    private static Entry.Control entry(Segment segment, StoredMark stored) {
        try {
            Epoch epoch = new Epoch(stored.epoch());
            return switch (stored.type()) {
                case RecordFormat.FLUSH -> new Entry.Flush(stored.stream(), epoch);
                case RecordFormat.CUT -> new Entry.Cut();
                case RecordFormat.COPY_BEGIN ->
                    new Entry.CopyBegin(stored.stream(), epoch, RecordFormat.side(stored.side()));
                default -> fromRecord(segment, stored);
            };
        } catch (BadRecord e) {
            throw new Fault("mark of record " + stored.sequence() + ": " + e.getMessage());
        }
    }

    private static Entry.Control fromRecord(Segment segment, StoredMark stored) {
        Entry entry = segment.recordAt(stored.position()).entry();
        if (entry instanceof Entry.Control control) {
            return control;
        }
        throw new Fault("mark of record " + stored.sequence() + " leads to a record of data");
    }
}
