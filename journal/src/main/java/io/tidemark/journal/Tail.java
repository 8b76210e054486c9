package io.tidemark.journal;

/**
 * The end of a stream in its journal: how far its source is known to have been with us.
 *
 * @param epoch of its newest record
 * @param last its newest record of data, flush or the end of a copy; {@link Sequence#NONE} if it has none. The begin of a copy does not
 *     count: it may be told by anybody, at a time when the source had long been gone
 */
public record Tail(Epoch epoch, Sequence last) {

    /** The end that two parts of the history tell together. */
    public Tail and(Tail other) {
        return new Tail(epoch.number() > other.epoch.number() ? epoch : other.epoch, Sequence.later(last, other.last));
    }
}
