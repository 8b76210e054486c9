package io.tidemark.journal.log;

import io.tidemark.journal.Fault;
import io.tidemark.journal.Invariant;
import io.tidemark.journal.Lease;
import io.tidemark.journal.Sequence;
import io.tidemark.journal.format.BadRecord;
import io.tidemark.journal.format.RangeFormat;
import io.tidemark.journal.format.RecordDecoder;
import io.tidemark.journal.format.RecordFormat;
import io.tidemark.journal.segment.DocumentWalk;
import io.tidemark.journal.segment.Segment;
import io.tidemark.journal.segment.SegmentChain;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;

/** Finds the checksum of one record of a chain. */
final class ChainChecksum {

    private ChainChecksum() {}

    static int of(SegmentChain chain, Sequence sequence) {
        Segment segment = chain.holding(sequence);
        Invariant.check(
                !sequence.isAfter(segment.last()), () -> "checksum of " + sequence + " behind " + segment.last());
        Lease lease = segment.lease();
        try {
            DocumentWalk walk = segment.walk();
            while (walk.next()) {
                ByteBuffer document = walk.document();
                if (!last(document).isBefore(sequence)) {
                    return inDocument(document, sequence);
                }
            }
            throw new Fault("record " + sequence + " is not where it must be");
        } catch (BadRecord | InternalError e) {
            throw new Fault("looking for record " + sequence + ": " + e.getMessage());
        } finally {
            lease.close();
        }
    }

    private static Sequence last(ByteBuffer document) throws BadRecord {
        return RangeFormat.isRange(document) ? RangeFormat.decode(document).last() : sequence(document);
    }

    private static int inDocument(ByteBuffer document, Sequence sequence) throws BadRecord {
        ByteBuffer records =
                RangeFormat.isRange(document) ? RangeFormat.decode(document).body() : document.duplicate();
        while (sequence(records).isBefore(sequence)) {
            records.position(records.position() + RecordDecoder.size(records));
        }
        if (!sequence(records).equals(sequence)) {
            throw new BadRecord("record " + sequence(records) + " is where it must be");
        }
        return littleEndian(records).getInt(records.position() + RecordFormat.CRC_AT);
    }

    private static Sequence sequence(ByteBuffer record) throws BadRecord {
        RecordDecoder.size(record);
        long number = littleEndian(record).getLong(record.position() + RecordFormat.SEQUENCE_AT);
        if (number <= 0) {
            throw new BadRecord("sequence " + number);
        }
        return new Sequence(number);
    }

    private static ByteBuffer littleEndian(ByteBuffer record) {
        return record.duplicate().order(ByteOrder.LITTLE_ENDIAN);
    }
}
