package io.tidemark.journal.segment;

import io.tidemark.journal.Sequence;
import io.tidemark.journal.StreamId;
import io.tidemark.journal.extent.ExtentLookup;
import java.util.List;
import java.util.function.Consumer;

/** What a segment holds and where, without reading its records. */
public interface SegmentContents {

    /** The first record. */
    Sequence first();

    /** The last record so far; before {@link #first} when there is none. */
    Sequence last();

    List<StreamSummary> streams();

    /** What one stream has in the segment; {@code last} is its tail here, and nothing if all it has is the begin of a copy. */
    record StreamSummary(StreamId stream, long lastEpoch, Sequence last, long records, long payloadBytes) {}

    /** The extents of the stream, the newest of each byte. While the segment is active: for the journal's owner only. */
    ExtentLookup extents(StreamId stream);

    /** The same for the records up to {@code upTo} only. Builds them anew; any thread. */
    ExtentLookup extents(StreamId stream, Sequence upTo);

    /** The bytes of the records in {@code (after, upTo]}, not counting the payloads of control records. */
    long bytes(Sequence after, Sequence upTo);

    /** The marks in {@code (after, upTo]}, in order. */
    void marks(Sequence after, Sequence upTo, Consumer<StoredMark> reader);
}
