package io.tidemark.journal;

/**
 * The end of a stream in its journal: how far its source is known to have been with us.
 *
 * @param epoch of its newest record
 * @param last its newest record that {@link Entry#provesSource}; {@link Sequence#NONE} if it has none. The begin of a copy does not count:
 *     it may be told by anybody, at a time when the source had long been gone. Nor does what we copy to the replica
 */
public record Tail(Epoch epoch, Sequence last) {

    /** What a record in this epoch tells of the end of its stream. */
    public static Tail of(Epoch epoch, Entry entry, Sequence at) {
        return new Tail(epoch, entry.provesSource() ? at : Sequence.NONE);
    }

    /** The end that two parts of the history tell together. */
    public Tail and(Tail other) {
        return new Tail(epoch.number() > other.epoch.number() ? epoch : other.epoch, Sequence.later(last, other.last));
    }
}
