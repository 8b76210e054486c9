package io.tidemark.journal;

/**
 * The random number a journal is given each time it is opened.
 *
 * <p>Two histories that share sequences but not incarnations have parted: one of them was rolled back.
 */
public record Incarnation(long number) {

    @Override
    public String toString() {
        return Long.toHexString(number);
    }
}
