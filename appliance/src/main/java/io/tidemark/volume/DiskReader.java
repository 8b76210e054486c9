package io.tidemark.volume;

import io.tidemark.journal.Extent;
import io.tidemark.journal.Piece;
import io.tidemark.journal.Resolved;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.util.function.BiConsumer;

/** Reads a disk: what the journal holds of an extent, and below it the volume. Functions for reader threads; they wait for the disk. */
public final class DiskReader {

    private DiskReader() {}

    /** Fills the buffer with the bytes of the extent that was resolved, which are as many as it has room for. */
    public static void read(Resolved resolved, Volume below, ByteBuffer into) throws IOException {
        int start = into.position();
        int limit = into.limit();
        long base = resolved.pieces().getFirst().extent().offset();
        for (Piece piece : resolved.pieces()) {
            Extent extent = piece.extent();
            into.limit(start + (int) (extent.end() - base));
            into.position(start + (int) (extent.offset() - base));
            switch (piece) {
                case Piece.Stored stored -> into.put(stored.bytes().duplicate());
                case Piece.Zeroes zeroes -> fillWithZeroes(into);
                case Piece.Below volume -> below.read(extent.offset(), into);
            }
        }
        into.limit(limit);
    }

    /** Takes the extent that was resolved apart into data (true) and what is known to read as zeroes (false), merged, in order. */
    public static void allocation(Resolved resolved, Volume below, BiConsumer<Extent, Boolean> visitor)
            throws IOException {
        Merging merging = new Merging(visitor);
        for (Piece piece : resolved.pieces()) {
            switch (piece) {
                case Piece.Stored stored -> merging.accept(stored.extent(), true);
                case Piece.Zeroes zeroes -> merging.accept(zeroes.extent(), false);
                case Piece.Below volume -> below.allocation(volume.extent(), merging);
            }
        }
        merging.end();
    }

    /** Fills the rest of the buffer. */
    public static void fillWithZeroes(ByteBuffer into) {
        while (into.remaining() >= Long.BYTES) {
            into.putLong(0);
        }
        while (into.hasRemaining()) {
            into.put((byte) 0);
        }
    }

    /** Joins neighbours that are alike. */
    private static final class Merging implements BiConsumer<Extent, Boolean> {

        private final BiConsumer<Extent, Boolean> visitor;
        private long start;
        private long end;
        private boolean data;

        Merging(BiConsumer<Extent, Boolean> visitor) {
            this.visitor = visitor;
        }

        @Override
        public void accept(Extent extent, Boolean isData) {
            if (end == extent.offset() && start < end && data == isData) {
                end = extent.end();
                return;
            }
            end();
            start = extent.offset();
            end = extent.end();
            data = isData;
        }

        void end() {
            if (start < end) {
                visitor.accept(Extent.between(start, end), data);
                start = end;
            }
        }
    }
}
