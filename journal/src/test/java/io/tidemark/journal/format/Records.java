package io.tidemark.journal.format;

import io.tidemark.journal.JournalRecord;
import java.nio.ByteBuffer;
import java.util.List;

/** Encoded records for tests. */
public final class Records {

    private Records() {}

    /** The record as it is on disk, in a buffer of its own. */
    public static ByteBuffer encoded(RecordEncoder encoder, JournalRecord record) {
        encoder.encode(record.sequence(), record.timeNanos(), record.entry());
        return ByteBuffer.allocate(encoder.bytes())
                .put(encoder.header())
                .put(encoder.payload())
                .flip();
    }

    /** The records one behind the other, as in the body of a range. */
    public static ByteBuffer body(List<JournalRecord> records) {
        RecordEncoder encoder = new RecordEncoder();
        List<ByteBuffer> each =
                records.stream().map(record -> encoded(encoder, record)).toList();
        ByteBuffer body = ByteBuffer.allocate(
                each.stream().mapToInt(ByteBuffer::remaining).sum());
        each.forEach(body::put);
        return body.flip();
    }
}
