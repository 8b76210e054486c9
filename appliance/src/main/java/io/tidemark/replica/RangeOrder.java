package io.tidemark.replica;

import io.tidemark.journal.Sequence;
import io.tidemark.link.IncomingRange;
import java.util.Optional;
import java.util.TreeMap;

/**
 * Ranges of one session that came before their turn. The owner's; what it holds is bounded by the link's credit.
 */
final class RangeOrder {

    private final TreeMap<Sequence, IncomingRange> early = new TreeMap<>();

    /** Keeps a range until its turn; false if it has been sent before, and then it stays the caller's. */
    boolean take(IncomingRange range, Sequence expected) {
        boolean again = range.range().first().isBefore(expected)
                || early.containsKey(range.range().first());
        if (!again) {
            early.put(range.range().first(), range);
        }
        return !again;
    }

    /** The range that begins with {@code expected}, if it is here; it stays until {@link #remove}. */
    Optional<IncomingRange> next(Sequence expected) {
        return Optional.ofNullable(early.get(expected));
    }

    /** The range is the caller's now. */
    void remove(IncomingRange range) {
        early.remove(range.range().first());
    }

    /** Gives all of them up. */
    void clear() {
        early.values().forEach(range -> range.lease().close());
        early.clear();
    }
}
