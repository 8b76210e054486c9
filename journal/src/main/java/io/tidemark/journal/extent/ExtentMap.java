package io.tidemark.journal.extent;

import java.util.List;
import java.util.Map;
import java.util.TreeMap;

/** The extents written to one disk so far: what is put last covers what was there. One thread. */
public final class ExtentMap implements ExtentLookup {

    /** An extent and the place of its first byte. */
    public record Placed(long offset, long end, long place) {}

    private record Span(long end, long place) {}

    private final TreeMap<Long, Span> spans = new TreeMap<>();

    /** Puts {@code [offset, end)}; what it overlaps is cut back. */
    public void put(long offset, long end, long place) {
        Map.Entry<Long, Span> before = spans.lowerEntry(offset);
        if (before != null && before.getValue().end() > offset) {
            cut(before.getKey(), before.getValue(), offset, end);
        }
        Map.Entry<Long, Span> within = spans.ceilingEntry(offset);
        while (within != null && within.getKey() < end) {
            spans.remove(within.getKey());
            keepTail(within.getKey(), within.getValue(), end);
            within = spans.ceilingEntry(offset);
        }
        spans.put(offset, new Span(end, place));
    }

    /** How many disjoint extents there are. */
    public int size() {
        return spans.size();
    }

    /** All of them, in ascending order. */
    public List<Placed> toList() {
        return spans.entrySet().stream()
                .map(each -> new Placed(
                        each.getKey(), each.getValue().end(), each.getValue().place()))
                .toList();
    }

    @Override
    public void overlapping(long offset, long end, Visitor visitor) {
        Map.Entry<Long, Span> first = spans.floorEntry(offset);
        Long from = first != null && first.getValue().end() > offset ? first.getKey() : Long.valueOf(offset);
        for (Map.Entry<Long, Span> entry : spans.subMap(from, end).entrySet()) {
            long start = Math.max(entry.getKey(), offset);
            Span span = entry.getValue();
            visitor.visit(start, Math.min(span.end(), end), ExtentLookup.advance(span.place(), start - entry.getKey()));
        }
    }

    private void cut(long start, Span span, long offset, long end) {
        spans.put(start, new Span(offset, span.place()));
        keepTail(start, span, end);
    }

    private void keepTail(long start, Span span, long end) {
        if (span.end() > end) {
            spans.put(end, new Span(span.end(), ExtentLookup.advance(span.place(), end - start)));
        }
    }
}
