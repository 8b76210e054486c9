package io.tidemark.journal;

/**
 * A run of bytes of a disk: {@code length} bytes from {@code offset}.
 *
 * <p>Never empty, never past the largest offset a signed 64-bit number can hold.
 */
public record Extent(long offset, long length) {

    public Extent {
        if (offset < 0 || length <= 0 || offset > Long.MAX_VALUE - length) {
            throw new IllegalArgumentException("extent of " + length + " bytes at " + offset);
        }
    }

    public static Extent between(long offset, long end) {
        return new Extent(offset, end - offset);
    }

    /** The first offset behind this extent. */
    public long end() {
        return offset + length;
    }

    public boolean overlaps(Extent other) {
        return offset < other.end() && other.offset < end();
    }

    @Override
    public String toString() {
        return "[" + offset + "+" + length + "]";
    }
}
