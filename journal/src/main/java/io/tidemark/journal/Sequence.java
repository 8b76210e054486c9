package io.tidemark.journal;

/**
 * The number of a record in its journal: a total order over all its streams, contiguous at the source.
 *
 * <p>The first record has number 1; {@link #NONE} stands before it.
 */
public record Sequence(long number) implements Comparable<Sequence> {

    /** Before the first record. */
    public static final Sequence NONE = new Sequence(0);

    public Sequence {
        if (number < 0) {
            throw new IllegalArgumentException("sequence " + number);
        }
    }

    /** The sequence just behind this one. */
    public Sequence next() {
        Invariant.check(number < Long.MAX_VALUE, () -> "sequence " + number + " is the last there can be");
        return new Sequence(number + 1);
    }

    /** Whether this is the sequence just behind the other. */
    public boolean follows(Sequence other) {
        return number > 0 && number - 1 == other.number;
    }

    /** The sequence just before this one; {@link #NONE} has none. */
    public Sequence previous() {
        Invariant.check(number > 0, () -> "no sequence is before " + number);
        return new Sequence(number - 1);
    }

    public boolean isAfter(Sequence other) {
        return number > other.number;
    }

    public boolean isBefore(Sequence other) {
        return number < other.number;
    }

    /** How many records lie in {@code (other, this]}; zero when this is not after the other. */
    public long recordsSince(Sequence other) {
        return Math.max(0, number - other.number);
    }

    public static Sequence later(Sequence a, Sequence b) {
        return a.number >= b.number ? a : b;
    }

    public static Sequence earlier(Sequence a, Sequence b) {
        return a.number <= b.number ? a : b;
    }

    @Override
    public int compareTo(Sequence other) {
        return Long.compare(number, other.number);
    }

    @Override
    public String toString() {
        return Long.toString(number);
    }
}
