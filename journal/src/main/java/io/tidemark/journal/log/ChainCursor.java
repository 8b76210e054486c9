package io.tidemark.journal.log;

import io.tidemark.journal.Batch;
import io.tidemark.journal.Cursor;
import io.tidemark.journal.Fault;
import io.tidemark.journal.InvalidRange;
import io.tidemark.journal.Invariant;
import io.tidemark.journal.JournalRecord;
import io.tidemark.journal.Lease;
import io.tidemark.journal.Sequence;
import io.tidemark.journal.format.BadRecord;
import io.tidemark.journal.format.RangeFormat;
import io.tidemark.journal.format.RecordDecoder;
import io.tidemark.journal.segment.DocumentWalk;
import io.tidemark.journal.segment.Segment;
import io.tidemark.journal.segment.SegmentChain;
import java.nio.ByteBuffer;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;

/** Reads the records of a chain of segments in order, verifying each, up to what is durable. One thread at a time. */
final class ChainCursor implements Cursor {

    /** A segment that is being read, and the lease that keeps it readable. */
    private record Reading(Segment segment, DocumentWalk walk, Lease lease) {}

    private final SegmentChain chain;
    private final Supplier<Sequence> durable;
    private final RecordDecoder decoder = new RecordDecoder();
    private final Sequence start;
    private Sequence position;
    private @Nullable Reading reading;

    ChainCursor(SegmentChain chain, Supplier<Sequence> durable, Sequence after) {
        this.chain = chain;
        this.durable = durable;
        this.start = after;
        this.position = after;
    }

    @Override
    public Sequence position() {
        return position;
    }

    @Override
    public Optional<Batch> next(int bytesMax) {
        Sequence limit = durable.get();
        if (!limit.isAfter(position)) {
            return Optional.empty();
        }
        Reading current = readingOf(position.next());
        List<JournalRecord> records = new ArrayList<>();
        List<ByteBuffer> images = new ArrayList<>();
        int bytes = 0;
        try {
            while (limit.isAfter(position) && !position.equals(current.segment().last())) {
                ByteBuffer document = nextDocument(current);
                if (!records.isEmpty() && bytes + document.remaining() > bytesMax) {
                    current.walk().back();
                    break;
                }
                bytes += take(document, records, images);
                position = records.getLast().sequence();
            }
        } catch (Fault e) {
            if (records.isEmpty()) {
                throw e;
            }
            // What is before the damage is delivered; the next call meets it again.
            Lease lease = current.segment().lease();
            leave();
            return Optional.of(new Batch(records, images, bytes, lease));
        }
        return Optional.of(new Batch(records, images, bytes, current.segment().lease()));
    }

    @Override
    public void close() {
        leave();
    }

    /** Where the record {@code next} will be read, with the walk just before it. */
    private Reading readingOf(Sequence next) {
        Reading current = reading;
        if (current == null || current.segment() != chain.holding(next)) {
            leave();
            Segment segment = chain.holding(next);
            current = new Reading(segment, segment.walk(), segment.lease());
            reading = current;
            skipTo(next, current);
        }
        return current;
    }

    private void skipTo(Sequence next, Reading current) {
        Sequence before = current.segment().first().previous();
        while (before.isBefore(next.previous())) {
            before = lastOf(nextDocument(current));
        }
        if (!before.isBefore(next)) {
            current.walk().back(); // the record is in the middle of this range
        }
    }

    private Sequence lastOf(ByteBuffer document) {
        try {
            return RangeFormat.isRange(document)
                    ? RangeFormat.decode(document).last()
                    : decoder.decodeWhole(document).sequence();
        } catch (BadRecord | InternalError e) {
            throw unreadable(e.getMessage());
        }
    }

    private ByteBuffer nextDocument(Reading current) {
        try {
            if (!current.walk().next()) {
                throw unreadable("there is no complete document");
            }
            return current.walk().document();
        } catch (InternalError e) {
            throw unreadable(e.getMessage());
        }
    }

    /** Adds what is in the document; returns the bytes of the images. */
    private int take(ByteBuffer document, List<JournalRecord> records, List<ByteBuffer> images) {
        try {
            Sequence expected = position.next();
            if (RangeFormat.isRange(document)) {
                return takeRange(RangeFormat.decode(document), expected, records, images);
            }
            JournalRecord record = decoder.decodeWhole(document);
            requireNext(record.sequence(), expected);
            records.add(record);
            images.add(document);
            return document.remaining();
        } catch (BadRecord | InvalidRange | InternalError e) {
            throw unreadable(e.getMessage());
        }
    }

    private int takeRange(
            io.tidemark.journal.Range range, Sequence expected, List<JournalRecord> records, List<ByteBuffer> images)
            throws InvalidRange {
        boolean inTheMiddle = position.equals(start)
                && range.first().isBefore(expected)
                && !range.last().isBefore(expected);
        if (!inTheMiddle) {
            requireNext(range.first(), expected);
        }
        int at = range.body().position();
        int bytes = 0;
        for (JournalRecord record : RangeFormat.records(range, decoder)) {
            int size = RecordDecoder.size(record);
            if (!record.sequence().isBefore(expected)) {
                records.add(record);
                images.add(range.body().slice(at, size));
                bytes += size;
            }
            at += size;
        }
        return bytes;
    }

    private void requireNext(Sequence found, Sequence expected) {
        Invariant.check(found.equals(expected), () -> "record " + found + " where " + expected + " must be");
    }

    private Fault unreadable(@Nullable String why) {
        return new Fault("record " + position.next() + " cannot be read: " + why);
    }

    private void leave() {
        Reading left = reading;
        if (left != null) {
            left.lease().close();
            reading = null;
        }
    }
}
