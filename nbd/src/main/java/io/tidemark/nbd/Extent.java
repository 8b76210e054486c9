package io.tidemark.nbd;

/** A run of bytes of an export. */
public record Extent(Offset start, Length length) {
    public Extent {
        if (start.bytes() > Long.MAX_VALUE - length.bytes()) {
            throw new IllegalArgumentException(start + " + " + length);
        }
    }

    /** The first byte after the run. */
    public Offset end() {
        return start.plus(length);
    }
}
