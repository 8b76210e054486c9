package io.tidemark.target;

import io.tidemark.journal.Entry;
import io.tidemark.journal.Extent;
import io.tidemark.journal.Piece;
import io.tidemark.journal.extent.ExtentLookup;
import io.tidemark.journal.extent.ExtentMap;
import java.nio.ByteBuffer;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;

/** The changes of one disk, each byte as it was changed last. The sender's thread. */
final class Merged {

    private final ExtentMap extents = new ExtentMap();
    private final TreeMap<Long, ByteBuffer> payloads = new TreeMap<>();
    private long place = 1; // the map's places: payloads one behind the other, since zeroes have place 0

    /** Adds a change behind those that are here. */
    void add(Entry.Data data) {
        switch (data) {
            case Entry.Write write -> write(write.offset(), write.payload());
            case Entry.Zero zero -> zero(zero.extent());
            case Entry.Trim trim -> zero(trim.extent());
        }
    }

    /** The extent reads as zeroes. */
    void zero(Extent extent) {
        extents.put(extent.offset(), extent.end(), ExtentLookup.ZEROES);
    }

    private void write(long offset, ByteBuffer payload) {
        if (payload.hasRemaining()) {
            payloads.put(place, payload);
            extents.put(offset, offset + payload.remaining(), place);
            place += payload.remaining();
        }
    }

    /** What there is to be written, in ascending order, nothing of it twice. */
    List<Piece> pieces() {
        List<Piece> pieces = new ArrayList<>(extents.size());
        for (ExtentMap.Placed placed : extents.toList()) {
            Extent extent = Extent.between(placed.offset(), placed.end());
            pieces.add(
                    placed.place() == ExtentLookup.ZEROES
                            ? new Piece.Zeroes(extent)
                            : new Piece.Stored(extent, bytes(placed.place(), (int) extent.length())));
        }
        return pieces;
    }

    private ByteBuffer bytes(long at, int length) {
        Map.Entry<Long, ByteBuffer> payload = payloads.floorEntry(at);
        ByteBuffer whole = payload.getValue();
        return whole.slice(whole.position() + (int) (at - payload.getKey()), length);
    }
}
