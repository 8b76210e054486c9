package io.tidemark.link;

import io.tidemark.journal.Batch;
import io.tidemark.journal.Lease;
import io.tidemark.journal.Sequence;
import java.nio.ByteBuffer;
import java.util.List;

/**
 * Records to be shipped as one frame. From the first range behind a backlog that was given up, records are left out.
 *
 * @param first sequence of the range: one more than the last of the range before it
 * @param bytes of the records, uncompressed
 * @param lease keeps the body readable; whoever takes the range closes it, exactly once
 */
public record OutgoingRange(Sequence first, Sequence last, int count, int bytes, Body body, Lease lease) {

    /** The largest range (docs/protocol.md, section 4, "RANGE"). */
    public static final int BYTES_MAX = 6 << 20;

    /** The bytes that go on the wire: direct buffers, read from position to limit. */
    public sealed interface Body {

        int wireBytes();

        /** The records as they are, where they are. */
        record Images(List<ByteBuffer> images) implements Body {
            @Override
            public int wireBytes() {
                return images.stream().mapToInt(ByteBuffer::remaining).sum();
            }
        }

        /** The records as one zstd frame, smaller than they are. */
        record Compressed(ByteBuffer frame) implements Body {
            @Override
            public int wireBytes() {
                return frame.remaining();
            }
        }
    }

    public OutgoingRange {
        if (last.isBefore(first)
                || count <= 0
                || count - 1 > last.number() - first.number()
                || bytes <= 0
                || bytes > BYTES_MAX) {
            throw new IllegalArgumentException(
                    "range " + first + ".." + last + " of " + count + " records, " + bytes + " bytes");
        }
    }

    /** The same, in place also of the records from {@code start} on, which were given up. */
    public OutgoingRange inPlaceOfAllFrom(Sequence start) {
        return new OutgoingRange(start, last, count, bytes, body, lease);
    }

    /** All of a batch as it is. The batch's lease goes with it. */
    public static OutgoingRange of(Batch batch) {
        Body body = new Body.Images(batch.images());
        return new OutgoingRange(
                batch.first(), batch.last(), batch.records().size(), batch.bytes(), body, batch.lease());
    }

    /** All of a batch, compressed. The lease is that of {@code frame}; the batch's own stays with the caller. */
    public static OutgoingRange compressed(Batch batch, ByteBuffer frame, Lease lease) {
        Body body = new Body.Compressed(frame);
        return new OutgoingRange(batch.first(), batch.last(), batch.records().size(), batch.bytes(), body, lease);
    }
}
