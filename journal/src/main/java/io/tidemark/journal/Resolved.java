package io.tidemark.journal;

import java.util.List;

/**
 * An extent taken apart by where its bytes are.
 *
 * @param pieces in offset order, together exactly the extent that was asked for
 * @param lease keeps the bytes readable; the taker closes it
 */
public record Resolved(List<Piece> pieces, Lease lease) implements AutoCloseable {

    @Override
    public void close() {
        lease.close();
    }
}
