package io.tidemark.journal.segment;

import io.tidemark.journal.Fault;
import io.tidemark.journal.Sequence;
import java.util.ArrayList;
import java.util.List;

/**
 * The segments of an open journal in order, contiguous in their sequences. Read by any thread; the owner adds at the end,
 * the keeper removes at the beginning.
 */
public final class SegmentChain {

    private volatile List<Segment> segments;

    public SegmentChain(List<Segment> segments) {
        this.segments = List.copyOf(segments);
    }

    /** All of them now, the oldest first. */
    public List<Segment> all() {
        return segments;
    }

    public synchronized void add(Segment segment) {
        List<Segment> more = new ArrayList<>(segments);
        more.add(segment);
        segments = List.copyOf(more);
    }

    public synchronized void removeFirst() {
        segments = segments.subList(1, segments.size()).stream().toList();
    }

    /** The segment that holds, or will hold, this sequence. */
    public Segment holding(Sequence sequence) {
        List<Segment> now = segments;
        for (int i = now.size() - 1; i >= 0; i--) {
            if (!now.get(i).first().isAfter(sequence)) {
                return now.get(i);
            }
        }
        throw new Fault("record " + sequence + " is gone; the oldest kept is "
                + (now.isEmpty() ? "none" : now.getFirst().first()));
    }
}
