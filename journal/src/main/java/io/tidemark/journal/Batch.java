package io.tidemark.journal;

import java.nio.ByteBuffer;
import java.util.List;

/**
 * Records as a cursor read them, one behind the other but for those that are not shipped, verified, with their bytes where they lie in the journal.
 *
 * @param records in sequence order, never empty
 * @param images the encoded records, one read-only slice each, as they go on the wire and into a range
 * @param bytes the sum of the images
 * @param lease keeps payloads and images readable; the taker closes it
 */
public record Batch(List<JournalRecord> records, List<ByteBuffer> images, int bytes, Lease lease) {

    public Sequence first() {
        return records.getFirst().sequence();
    }

    public Sequence last() {
        return records.getLast().sequence();
    }
}
