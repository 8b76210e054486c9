package io.tidemark.link;

import io.tidemark.journal.Incarnation;
import io.tidemark.journal.Sequence;

/** What a receiver has of a journal, durably: where its sender goes on (docs/protocol.md, section 3, "WELCOME"). */
public sealed interface Resume {

    /** The last sequence the receiver has. */
    Sequence last();

    /** None of this journal. */
    record Nothing() implements Resume {
        @Override
        public Sequence last() {
            return Sequence.NONE;
        }
    }

    /**
     * Everything up to {@code last}, which ends a range.
     *
     * @param crc of that record, as in its header
     * @param incarnation the life of the journal that wrote it
     */
    record After(Sequence last, int crc, Incarnation incarnation) implements Resume {
        public After {
            if (!last.isAfter(Sequence.NONE)) {
                throw new IllegalArgumentException("resume after " + last);
            }
        }
    }
}
