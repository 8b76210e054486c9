package io.tidemark.nbd;

/** A number of consecutive bytes. */
public record Length(long bytes) implements Comparable<Length> {
    /** No byte at all. */
    public static final Length ZERO = new Length(0);

    public Length {
        if (bytes < 0) {
            throw new IllegalArgumentException("length " + bytes);
        }
    }

    /** The two together. */
    public Length plus(Length other) {
        return new Length(Math.addExact(bytes, other.bytes));
    }

    /** What is left after taking some away. */
    public Length minus(Length other) {
        return new Length(bytes - other.bytes);
    }

    /** The shorter of the two. */
    public Length min(Length other) {
        return bytes <= other.bytes ? this : other;
    }

    @Override
    public int compareTo(Length other) {
        return Long.compare(bytes, other.bytes);
    }
}
