package io.tidemark.ship;

import io.tidemark.journal.Extent;
import java.util.Map;
import java.util.TreeMap;

/** The bytes of a disk that are changed by what comes later. One thread. */
final class Covered {

    private final TreeMap<Long, Long> ends = new TreeMap<>(); // of runs that neither touch nor overlap, by their starts

    /** Whether all of the extent is. */
    boolean holds(Extent extent) {
        Map.Entry<Long, Long> run = ends.floorEntry(extent.offset());
        return run != null && run.getValue() >= extent.end();
    }

    void add(Extent extent) {
        long start = extent.offset();
        long end = extent.end();
        Map.Entry<Long, Long> before = ends.floorEntry(start);
        if (before != null && before.getValue() >= start) {
            start = before.getKey();
            end = Math.max(end, before.getValue());
        }
        for (Map.Entry<Long, Long> next = ends.higherEntry(start);
                next != null && next.getKey() <= end;
                next = ends.higherEntry(start)) {
            end = Math.max(end, next.getValue());
            ends.remove(next.getKey());
        }
        ends.put(start, end);
    }
}
