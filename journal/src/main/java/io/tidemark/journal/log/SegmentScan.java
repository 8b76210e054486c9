package io.tidemark.journal.log;

import io.tidemark.journal.InvalidRange;
import io.tidemark.journal.JournalRecord;
import io.tidemark.journal.Range;
import io.tidemark.journal.Sequence;
import io.tidemark.journal.format.BadRecord;
import io.tidemark.journal.format.RangeFormat;
import io.tidemark.journal.format.RecordDecoder;
import io.tidemark.journal.segment.ActiveIndex;
import io.tidemark.journal.segment.DocumentWalk;
import io.tidemark.journal.segment.SegmentFolder;
import io.tidemark.journal.segment.SegmentHeader;
import io.tidemark.journal.segment.SegmentMap;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.util.List;
import java.util.Optional;

/**
 * What a walk over a segment without an index found: the longest run of whole records from its start.
 *
 * <p>Changes nothing. The mapping stays until it is closed.
 *
 * @param header empty when there is none that is whole
 * @param index of the records; empty when there is none
 * @param end where the last record ends
 * @param rest where what was read ends; Chronicle may have put index of its own behind the last record
 * @param trouble why the walk ended, for people
 */
record SegmentScan(
        SegmentFolder folder,
        SegmentMap map,
        Optional<SegmentHeader> header,
        Optional<ActiveIndex> index,
        long end,
        long rest,
        String trouble)
        implements AutoCloseable {

    static SegmentScan of(SegmentFolder folder) throws IOException {
        SegmentMap map = SegmentMap.of(folder.cycleFile());
        try {
            return new Walker(folder, map).scan();
        } catch (RuntimeException | InternalError e) {
            map.close();
            throw e;
        }
    }

    /** Whether there is nothing but zeroes behind what was read. */
    boolean isBlankBehind() {
        return Quarantine.isBlank(map.bytes(), rest);
    }

    @Override
    public void close() {
        map.close();
    }

    private static final class Walker {

        private final SegmentFolder folder;
        private final SegmentMap map;
        private final DocumentWalk walk;
        private final RecordDecoder decoder = new RecordDecoder();
        private Optional<ActiveIndex> index = Optional.empty();

        Walker(SegmentFolder folder, SegmentMap map) {
            this.folder = folder;
            this.map = map;
            this.walk = new DocumentWalk(map.bytes(), 0, map.bytes().byteSize());
        }

        SegmentScan scan() {
            if (!walk.next()) {
                return found(Optional.empty(), 0, walk.end(), "no document");
            }
            Optional<SegmentHeader> header;
            try {
                header = Optional.of(SegmentHeader.decode(walk.document()));
            } catch (BadRecord e) {
                return found(Optional.empty(), 0, 0, String.valueOf(e.getMessage()));
            }
            long end = walk.end();
            while (walk.next()) {
                try {
                    add(walk.document());
                } catch (BadRecord | InvalidRange e) {
                    return found(header, end, end, String.valueOf(e.getMessage()));
                }
                end = walk.end();
            }
            return found(header, end, walk.end(), "no complete document");
        }

        private SegmentScan found(Optional<SegmentHeader> header, long end, long rest, String trouble) {
            return new SegmentScan(folder, map, header, index, end, rest, trouble);
        }

        private void add(ByteBuffer document) throws BadRecord, InvalidRange {
            if (RangeFormat.isRange(document)) {
                Range range = RangeFormat.decode(document);
                add(range.first(), RangeFormat.records(range, decoder), walk.start() + RangeFormat.HEADER_BYTES);
            } else {
                JournalRecord record = decoder.decodeWhole(document);
                add(record.sequence(), List.of(record), walk.start());
            }
        }

        private void add(Sequence first, List<JournalRecord> records, long start) throws BadRecord {
            ActiveIndex to = index.orElseGet(() -> new ActiveIndex(first));
            if (!first.follows(to.last())) {
                throw new BadRecord("record " + first + " behind " + to.last());
            }
            long position = start;
            for (JournalRecord record : records) {
                to.add(record, position);
                position += RecordDecoder.size(record);
            }
            index = Optional.of(to);
        }
    }
}
