package io.tidemark.journal.extent;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;

/**
 * The extents written to one disk so far: what is put last covers what was there. One thread.
 *
 * <p>Runs of extents, in ascending order; the first offset of each is in an array of its own, so that a search touches little memory. An
 * extent takes 24 bytes.
 */
public final class ExtentMap implements ExtentLookup {

    /** An extent and the place of its first byte. */
    public record Placed(long offset, long end, long place) {}

    private static final int RUNS_FIRST = 8;

    private Run[] runs = new Run[RUNS_FIRST]; // none of them is empty, but for one of an empty map
    private long[] firsts = new long[RUNS_FIRST];
    private int count = 1;
    private int size;

    public ExtentMap() {
        runs[0] = new Run();
    }

    /** Puts {@code [offset, end)}; what it overlaps is cut back. */
    public void put(long offset, long end, long place) {
        int number = runOf(offset);
        Run run = runs[number];
        int at = run.floor(offset);
        if (at >= 0 && run.offset(at) == offset && run.end(at) == end) {
            run.set(at, offset, end, place);
            return;
        }
        if (at >= 0 && run.offset(at) < offset && run.end(at) > offset) {
            cut(number, at, offset, end);
        }
        clear(offset, end);
        insert(offset, end, place);
    }

    /** How many disjoint extents there are. */
    public int size() {
        return size;
    }

    /** All of them, in ascending order. */
    public List<Placed> toList() {
        List<Placed> all = new ArrayList<>(size);
        overlapping(Long.MIN_VALUE, Long.MAX_VALUE, (offset, end, place) -> all.add(new Placed(offset, end, place)));
        return all;
    }

    @Override
    public void overlapping(long offset, long end, Visitor visitor) {
        int number = runOf(offset);
        int at = Math.max(0, runs[number].floor(offset));
        for (; number < count; number++, at = 0) {
            Run run = runs[number];
            for (; at < run.size(); at++) {
                if (run.offset(at) >= end) {
                    return;
                }
                if (run.end(at) > offset) {
                    long start = Math.max(run.offset(at), offset);
                    visitor.visit(
                            start,
                            Math.min(run.end(at), end),
                            ExtentLookup.advance(run.place(at), start - run.offset(at)));
                }
            }
        }
    }

    /** Ends the extent there at {@code offset}; what it has behind {@code end} stays, as an extent of its own. */
    private void cut(int number, int at, long offset, long end) {
        Run run = runs[number];
        long start = run.offset(at);
        long oldEnd = run.end(at);
        long place = run.place(at);
        run.set(at, start, offset, place);
        if (oldEnd > end) {
            insert(end, oldEnd, ExtentLookup.advance(place, end - start));
        }
    }

    /** Takes out what begins in {@code [offset, end)}; what the last has behind {@code end} stays. */
    private void clear(long offset, long end) {
        int number = runOf(offset);
        int from = runs[number].floor(offset - 1) + 1;
        while (number < count) {
            Run run = runs[number];
            int to = from;
            while (to < run.size() && run.offset(to) < end && run.end(to) <= end) {
                to++;
            }
            boolean reachesBeyond = to < run.size() && run.offset(to) < end;
            if (reachesBeyond) {
                run.set(to, end, run.end(to), ExtentLookup.advance(run.place(to), end - run.offset(to)));
            }
            boolean isLast = to < run.size();
            remove(number, from, to);
            if (isLast) {
                return;
            }
            number += runs[number] == run ? 1 : 0; // else the next has taken its place
            from = 0;
        }
    }

    private void remove(int number, int from, int to) {
        Run run = runs[number];
        run.remove(from, to);
        size -= to - from;
        if (run.size() > 0) {
            firsts[number] = run.offset(0);
        } else if (count > 1) {
            System.arraycopy(runs, number + 1, runs, number, count - number - 1);
            System.arraycopy(firsts, number + 1, firsts, number, count - number - 1);
            count--;
        }
    }

    /** Puts an extent where there is none. */
    private void insert(long offset, long end, long place) {
        int number = runOf(offset);
        if (runs[number].isFull()) {
            split(number);
            number = runOf(offset);
        }
        Run run = runs[number];
        run.insert(run.floor(offset) + 1, offset, end, place);
        firsts[number] = run.offset(0);
        size++;
    }

    private void split(int number) {
        if (count == runs.length) {
            runs = Arrays.copyOf(runs, count * 2);
            firsts = Arrays.copyOf(firsts, count * 2);
        }
        System.arraycopy(runs, number + 1, runs, number + 2, count - number - 1);
        System.arraycopy(firsts, number + 1, firsts, number + 2, count - number - 1);
        runs[number + 1] = runs[number].split();
        firsts[number + 1] = runs[number + 1].offset(0);
        count++;
    }

    /** The run that an extent at {@code offset} is in, or belongs to. */
    private int runOf(long offset) {
        int found = Arrays.binarySearch(firsts, 0, count, offset);
        return Math.max(0, found >= 0 ? found : -found - 2);
    }
}
