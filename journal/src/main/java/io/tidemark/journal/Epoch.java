package io.tidemark.journal;

/**
 * The number of an epoch of one stream: the records between two epoch ends.
 *
 * <p>Epochs of a stream only grow.
 */
public record Epoch(long number) implements Comparable<Epoch> {

    /** The epoch of a stream's first records, and of records that belong to no stream. */
    public static final Epoch FIRST = new Epoch(0);

    public Epoch {
        if (number < 0) {
            throw new IllegalArgumentException("epoch " + number);
        }
    }

    public Epoch next() {
        Invariant.check(number < Long.MAX_VALUE, () -> "epoch " + number + " is the last there can be");
        return new Epoch(number + 1);
    }

    @Override
    public int compareTo(Epoch other) {
        return Long.compare(number, other.number);
    }

    @Override
    public String toString() {
        return Long.toString(number);
    }
}
