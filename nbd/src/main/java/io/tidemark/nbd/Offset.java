package io.tidemark.nbd;

/** A place in an export, in bytes from its beginning. */
public record Offset(long bytes) implements Comparable<Offset> {
    /** The first byte of an export. */
    public static final Offset ZERO = new Offset(0);

    public Offset {
        if (bytes < 0) {
            throw new IllegalArgumentException("offset " + bytes);
        }
    }

    /** The place this many bytes further on. */
    public Offset plus(Length length) {
        return new Offset(Math.addExact(bytes, length.bytes()));
    }

    @Override
    public int compareTo(Offset other) {
        return Long.compare(bytes, other.bytes);
    }
}
