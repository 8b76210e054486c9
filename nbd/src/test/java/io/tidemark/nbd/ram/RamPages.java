package io.tidemark.nbd.ram;

import io.tidemark.nbd.Extent;
import io.tidemark.nbd.Length;
import io.tidemark.nbd.StatusCompletion.Allocation;
import io.tidemark.nbd.StatusCompletion.Run;
import java.nio.ByteBuffer;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;

/**
 * The bytes of an export: pages that have been written; all else reads as zeroes.
 *
 * <p>Thread: any, one at a time.
 */
final class RamPages {
    static final int PAGE_BYTES = 64 << 10;

    private static final byte[] ZEROES = new byte[PAGE_BYTES];

    private final TreeMap<Long, byte[]> pages = new TreeMap<>();

    synchronized void read(long offset, ByteBuffer into) {
        long at = offset;
        while (into.hasRemaining()) {
            int within = (int) (at % PAGE_BYTES);
            int bytes = Math.min(PAGE_BYTES - within, into.remaining());
            into.put(pages.getOrDefault(at / PAGE_BYTES, ZEROES), within, bytes);
            at += bytes;
        }
    }

    synchronized void write(long offset, ByteBuffer from) {
        long at = offset;
        while (from.hasRemaining()) {
            int within = (int) (at % PAGE_BYTES);
            int bytes = Math.min(PAGE_BYTES - within, from.remaining());
            from.get(pages.computeIfAbsent(at / PAGE_BYTES, number -> new byte[PAGE_BYTES]), within, bytes);
            at += bytes;
        }
    }

    /** Makes an extent read as zeroes, and frees the pages that lie in it as a whole. */
    synchronized void free(Extent extent) {
        clear(extent);
        long first = Math.ceilDiv(extent.start().bytes(), PAGE_BYTES);
        long end = extent.end().bytes() / PAGE_BYTES;
        if (first < end) {
            pages.subMap(first, end).clear();
        }
    }

    /** Makes an extent read as zeroes, and keeps its pages. */
    synchronized void clear(Extent extent) {
        long start = extent.start().bytes();
        long end = extent.end().bytes();
        for (Map.Entry<Long, byte[]> page :
                pages.subMap(start / PAGE_BYTES, Math.ceilDiv(end, PAGE_BYTES)).entrySet()) {
            long pageStart = page.getKey() * PAGE_BYTES;
            int from = (int) Math.max(0, start - pageStart);
            int to = (int) Math.min(PAGE_BYTES, end - pageStart);
            Arrays.fill(page.getValue(), from, to, (byte) 0);
        }
    }

    /** Runs of pages that are there and pages that are not, from the start of an extent to its end. */
    synchronized List<Run> runs(Extent extent, int runsMax) {
        List<Run> runs = new ArrayList<>();
        long at = extent.start().bytes();
        long end = extent.end().bytes();
        while (at < end && runs.size() < runsMax) {
            long page = at / PAGE_BYTES;
            boolean there = pages.containsKey(page);
            long next = Math.min(end, (there ? firstMissingFrom(page) : firstPresentFrom(page)) * PAGE_BYTES);
            runs.add(new Run(new Length(next - at), there ? Allocation.DATA : Allocation.HOLE));
            at = next;
        }
        return runs;
    }

    private long firstMissingFrom(long page) {
        long next = page;
        while (pages.containsKey(next)) {
            next++;
        }
        return next;
    }

    private long firstPresentFrom(long page) {
        Long present = pages.ceilingKey(page);
        return present == null ? Long.MAX_VALUE / PAGE_BYTES : present;
    }
}
