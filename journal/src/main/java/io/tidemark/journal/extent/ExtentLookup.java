package io.tidemark.journal.extent;

/** A set of disjoint extents of one disk, each with the place of its bytes. */
public interface ExtentLookup {

    /** The place of bytes that are zeroes and stored nowhere. */
    long ZEROES = 0;

    /** An empty set. */
    ExtentLookup EMPTY = (offset, end, visitor) -> {};

    /** Visits every extent that overlaps {@code [offset, end)}, cut to it, in ascending order. */
    void overlapping(long offset, long end, Visitor visitor);

    /** Takes an extent: {@code place} is where the byte at {@code offset} is, or {@link #ZEROES}. */
    interface Visitor {
        void visit(long offset, long end, long place);
    }

    /** The place of the byte {@code by} bytes behind the one at {@code place}. */
    static long advance(long place, long by) {
        return place == ZEROES ? ZEROES : place + by;
    }
}
