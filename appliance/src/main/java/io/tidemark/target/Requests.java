package io.tidemark.target;

import io.tidemark.journal.Extent;
import io.tidemark.journal.Piece;
import java.nio.ByteBuffer;
import java.util.List;

/** Takes a disk's pieces apart, and joins them, into requests of a good size. The sender's thread. */
final class Requests {

    /** A request to a server. */
    sealed interface Request {
        Extent extent();
    }

    /** Bytes, where they lie in the journal or in the scratch. */
    record Write(Extent extent, ByteBuffer bytes) implements Request {}

    /** Zeroes. */
    record Zero(Extent extent) implements Request {}

    private final List<Piece> pieces;
    private final int writeBytesMax;
    private final long zeroBytesMax;
    private int index;
    private long at; // the first byte that is in no request yet; only behind the beginning of the piece at the index

    /** @param pieces in ascending order */
    Requests(List<Piece> pieces, int writeBytesMax, long zeroBytesMax) {
        this.pieces = pieces;
        this.writeBytesMax = writeBytesMax;
        this.zeroBytesMax = zeroBytesMax;
    }

    /** Whether there is another one. */
    boolean hasNext() {
        return index < pieces.size();
    }

    /** The next one. What it holds may be in the scratch, which is as large as a write may be. */
    Request next(ByteBuffer scratch) {
        return switch (pieces.get(index)) {
            case Piece.Stored stored -> write(stored, scratch);
            case Piece.Zeroes zeroes -> zero();
            case Piece.Below below -> throw new IllegalStateException(below + " is not in the journal");
        };
    }

    private Request write(Piece.Stored first, ByteBuffer scratch) {
        long start = Math.max(at, first.extent().offset());
        if (first.extent().end() - start >= writeBytesMax || !isFollowed(first)) { // as it lies in the journal
            int bytes = (int) Math.min(first.extent().end() - start, writeBytesMax);
            ByteBuffer slice = first.bytes()
                    .slice(
                            first.bytes().position()
                                    + (int) (start - first.extent().offset()),
                            bytes);
            pass(first, start + bytes);
            return new Write(new Extent(start, bytes), slice);
        }
        scratch.clear().limit(writeBytesMax);
        long end = start;
        while (scratch.hasRemaining()
                && index < pieces.size()
                && pieces.get(index) instanceof Piece.Stored stored
                && stored.extent().offset() <= end
                && stored.extent().end() > end) {
            int bytes = (int) Math.min(stored.extent().end() - end, scratch.remaining());
            int from = stored.bytes().position() + (int) (end - stored.extent().offset());
            scratch.put(stored.bytes().slice(from, bytes));
            end += bytes;
            pass(stored, end);
        }
        return new Write(Extent.between(start, end), scratch.flip());
    }

    private Request zero() {
        long start = Math.max(at, pieces.get(index).extent().offset());
        long end = start;
        while (end - start < zeroBytesMax
                && index < pieces.size()
                && pieces.get(index) instanceof Piece.Zeroes zeroes
                && zeroes.extent().offset() <= end
                && zeroes.extent().end() > end) {
            end = Math.min(zeroes.extent().end(), start + zeroBytesMax);
            pass(zeroes, end);
        }
        return new Zero(Extent.between(start, end));
    }

    /** Everything of the piece up to here is in a request. */
    private void pass(Piece piece, long end) {
        at = end;
        if (end == piece.extent().end()) {
            index++;
        }
    }

    private boolean isFollowed(Piece.Stored piece) {
        return index + 1 < pieces.size()
                && pieces.get(index + 1) instanceof Piece.Stored next
                && next.extent().offset() == piece.extent().end();
    }
}
