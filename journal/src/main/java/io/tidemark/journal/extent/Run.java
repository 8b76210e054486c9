package io.tidemark.journal.extent;

import java.util.Arrays;

/** A short run of disjoint extents in ascending order, in three arrays of longs. What is moved about is never more than one run. */
final class Run {

    /** Extents of one run at the most. */
    static final int EXTENTS_MAX = 128;

    private static final int EXTENTS_FIRST = 8;

    private long[] offsets = new long[EXTENTS_FIRST];
    private long[] ends = new long[EXTENTS_FIRST];
    private long[] places = new long[EXTENTS_FIRST];
    private int size;

    int size() {
        return size;
    }

    boolean isFull() {
        return size == EXTENTS_MAX;
    }

    long offset(int at) {
        return offsets[at];
    }

    long end(int at) {
        return ends[at];
    }

    long place(int at) {
        return places[at];
    }

    /** The last extent that begins at or before {@code offset}; -1 if all begin behind it. */
    int floor(long offset) {
        int found = Arrays.binarySearch(offsets, 0, size, offset);
        return found >= 0 ? found : -found - 2;
    }

    void set(int at, long offset, long end, long place) {
        offsets[at] = offset;
        ends[at] = end;
        places[at] = place;
    }

    /** Puts an extent before the one at {@code at}. Only while the run is not full. */
    void insert(int at, long offset, long end, long place) {
        if (size == offsets.length) {
            resize(Math.min(EXTENTS_MAX, size * 2));
        }
        move(at, at + 1);
        size++;
        set(at, offset, end, place);
    }

    /** Takes out the extents from {@code from} to before {@code to}. */
    void remove(int from, int to) {
        move(to, from);
        size -= to - from;
    }

    /** Takes out the upper half, as a run of its own. */
    Run split() {
        Run upper = new Run();
        int from = size / 2;
        upper.offsets = Arrays.copyOfRange(offsets, from, from + EXTENTS_MAX);
        upper.ends = Arrays.copyOfRange(ends, from, from + EXTENTS_MAX);
        upper.places = Arrays.copyOfRange(places, from, from + EXTENTS_MAX);
        upper.size = size - from;
        size = from;
        return upper;
    }

    private void move(int from, int to) {
        System.arraycopy(offsets, from, offsets, to, size - from);
        System.arraycopy(ends, from, ends, to, size - from);
        System.arraycopy(places, from, places, to, size - from);
    }

    private void resize(int capacity) {
        offsets = Arrays.copyOf(offsets, capacity);
        ends = Arrays.copyOf(ends, capacity);
        places = Arrays.copyOf(places, capacity);
    }
}
