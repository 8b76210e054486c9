package io.tidemark.intake;

import io.tidemark.journal.Hold;
import io.tidemark.journal.Journal;
import io.tidemark.journal.Sequence;
import io.tidemark.journal.StreamId;
import io.tidemark.resync.DirtyBlocks;
import io.tidemark.resync.Kept;
import java.util.HashMap;
import java.util.Map;
import java.util.Optional;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * What was left out of streams since their bitmaps were written: the journal keeps it until the next ones are on the disk, and a life to come makes it
 * dirty again. The owner's.
 */
final class UnsavedChanges {

    private static final Logger LOG = LoggerFactory.getLogger(UnsavedChanges.class);

    private final Journal journal;
    private final Map<StreamId, Hold> holds = new HashMap<>();

    UnsavedChanges(Journal journal) {
        this.journal = journal;
    }

    /** What the stream's clients change behind this record may be in no bitmap. */
    void keep(StreamId stream, Sequence behind) {
        holds.computeIfAbsent(stream, none -> journal.hold("what is tracked of stream " + stream, behind));
    }

    /** Whether the journal keeps anything for it. */
    boolean keepsSome() {
        return !holds.isEmpty();
    }

    /** That is on the disk now. */
    void saved(StreamId stream, Kept kept) {
        Hold hold = holds.get(stream);
        if (hold == null) {
            return;
        }
        Optional<Sequence> behind = kept.trackedBehind();
        if (behind.isPresent()) {
            hold.advance(Sequence.later(hold.upTo(), behind.get()));
        } else {
            forget(stream);
        }
    }

    /** Every change of the stream is in a bitmap on the disk, or nobody wants it. */
    void forget(StreamId stream) {
        Hold hold = holds.remove(stream);
        if (hold != null) {
            hold.close();
        }
    }

    /** The replica lacks nothing of the stream, from this record on: when that is durable a life to come will know. */
    void copied(StreamId stream, Sequence at) {
        Hold hold = holds.remove(stream);
        if (hold != null) {
            journal.whenDurable(at, hold::close);
        }
    }

    /** What a life before has left: marks what it had not written down. Before the journal is appended to; reads its indexes. */
    DirtyBlocks recover(StreamId stream, Kept kept) {
        DirtyBlocks dirty = kept.dirty();
        kept.trackedBehind().ifPresent(behind -> {
            if (behind.isBefore(journal.trimmed()) || behind.isAfter(journal.durable())) {
                LOG.error(
                        "stream={}: all of it is copied, since its bitmap is complete up to record {}, and the journal has those behind {} to {}",
                        stream,
                        behind,
                        journal.trimmed(),
                        journal.durable());
                dirty.markAll();
            } else {
                keep(stream, behind);
                journal.touched(stream, behind, journal.durable(), dirty::mark);
            }
        });
        return dirty;
    }
}
