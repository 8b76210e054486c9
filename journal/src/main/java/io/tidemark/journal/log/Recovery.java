package io.tidemark.journal.log;

import io.tidemark.journal.InvalidRange;
import io.tidemark.journal.JournalId;
import io.tidemark.journal.JournalRecord;
import io.tidemark.journal.Range;
import io.tidemark.journal.Sequence;
import io.tidemark.journal.format.BadRecord;
import io.tidemark.journal.format.RangeFormat;
import io.tidemark.journal.format.RecordDecoder;
import io.tidemark.journal.segment.ActiveIndex;
import io.tidemark.journal.segment.DocumentWalk;
import io.tidemark.journal.segment.SealedIndex;
import io.tidemark.journal.segment.Segment;
import io.tidemark.journal.segment.SegmentFolder;
import io.tidemark.journal.segment.SegmentHeader;
import io.tidemark.journal.segment.SegmentMap;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.file.Files;
import java.nio.file.StandardOpenOption;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Finds the longest valid contiguous prefix of a journal and makes it durable: docs/journal.md, section 5.
 *
 * <p>One use, by the thread that opens the journal. It reads files and seals segments; what it cuts off goes to the
 * quarantine first. A crash in the middle leaves a journal that recovers to the same prefix.
 */
final class Recovery {

    private static final Logger LOG = LoggerFactory.getLogger(Recovery.class);

    private final JournalFolder folder;
    private final JournalId id;
    private final Quarantine quarantine;
    private final RecordDecoder decoder = new RecordDecoder();
    private final List<Segment> prefix = new ArrayList<>();
    private boolean ended;

    Recovery(JournalFolder folder, JournalId id) {
        this.folder = folder;
        this.id = id;
        this.quarantine = new Quarantine(folder.quarantine());
    }

    /** The sealed segments of the prefix, oldest first; everything in them is durable. */
    List<Segment> run() throws IOException, JournalUnusable {
        try {
            for (SegmentFolder each : SegmentFolder.list(folder.segments())) {
                recover(each);
            }
            SegmentFolder.forceDirectory(folder.segments());
            return prefix;
        } catch (IOException | JournalUnusable | RuntimeException e) {
            prefix.forEach(Segment::close);
            throw e;
        }
    }

    private void recover(SegmentFolder segment) throws IOException, JournalUnusable {
        Optional<SealedIndex> index = sealedIndex(segment);
        if (index.isPresent()) {
            takeSealed(segment, index.get());
        } else if (Files.exists(segment.cycleFile())) {
            walk(segment);
        } else {
            segment.delete();
        }
    }

    private static Optional<SealedIndex> sealedIndex(SegmentFolder segment) throws IOException {
        Optional<SealedIndex> index = SealedIndex.open(segment);
        return index.isPresent()
                        && Files.exists(segment.cycleFile())
                        && Files.size(segment.cycleFile()) == index.get().end()
                ? index
                : Optional.empty();
    }

    private void takeSealed(SegmentFolder folder, SealedIndex index) throws IOException, JournalUnusable {
        if (ended || !follows(index.first())) {
            throw new JournalUnusable(
                    "segment " + folder.number() + " of " + this.folder.path() + " begins with record " + index.first()
                            + " where " + expected() + " must be: what is before it is lost or damaged");
        }
        Segment segment = Segment.sealed(folder, index);
        prefix.add(segment);
        requireOurs(segment.header(), folder);
    }

    private void walk(SegmentFolder segment) throws IOException, JournalUnusable {
        SegmentMap map = SegmentMap.of(segment.cycleFile());
        try {
            DocumentWalk walk = new DocumentWalk(map.bytes(), 0, map.bytes().byteSize());
            Optional<SegmentHeader> header = header(walk);
            if (header.isPresent()) {
                requireOurs(header.get(), segment);
            }
            if (header.isEmpty() || ended) {
                drop(segment, map, header.isEmpty() ? 0 : walk.end());
            } else {
                keepPrefix(segment, header.get(), map, walk);
            }
        } finally {
            map.close();
        }
    }

    private void keepPrefix(SegmentFolder segment, SegmentHeader header, SegmentMap map, DocumentWalk walk)
            throws IOException {
        long end = walk.end();
        boolean whole = true;
        Optional<ActiveIndex> index = Optional.empty();
        while (whole && walk.next()) {
            Optional<List<JournalRecord>> records = records(walk.document(), index);
            whole = records.isPresent();
            if (whole) {
                index = index.or(() ->
                        Optional.of(new ActiveIndex(records.get().getFirst().sequence())));
                add(index.get(), records.get(), walk);
                end = walk.end();
            }
        }
        long read = whole ? walk.end() : end; // Chronicle may have put index of its own behind the last record
        if (index.isEmpty()) {
            drop(segment, map, end);
            return;
        }
        if (!quarantine.isBlank(map.bytes(), read)) {
            LOG.warn("segment {}: what is behind byte {} is not a record, quarantined", segment.number(), end);
            quarantine.takeTail(segment, map.bytes(), end);
            ended = true;
        }
        force(segment);
        Segment kept = Segment.unsealed(segment, header, index.get());
        prefix.add(kept);
        kept.seal(end);
    }

    /** Removes a segment that has no record in the prefix; whatever is behind {@code from} in it is quarantined. */
    private void drop(SegmentFolder segment, SegmentMap map, long from) throws IOException {
        if (quarantine.isBlank(map.bytes(), from)) {
            segment.delete();
            return;
        }
        LOG.warn("segment {}: holds nothing of the prefix, quarantined", segment.number());
        quarantine.takeSegment(segment);
        ended = true;
    }

    private static void add(ActiveIndex index, List<JournalRecord> records, DocumentWalk walk) {
        ByteBuffer document = walk.document();
        long position = walk.start() + (RangeFormat.isRange(document) ? RangeFormat.HEADER_BYTES : 0);
        for (JournalRecord record : records) {
            index.add(record, position);
            position += RecordDecoder.size(record);
        }
    }

    /** The records of a document if they are whole and follow what is before them. */
    private Optional<List<JournalRecord>> records(ByteBuffer document, Optional<ActiveIndex> index) {
        try {
            List<JournalRecord> records;
            if (RangeFormat.isRange(document)) {
                Range range = RangeFormat.decode(document);
                records = RangeFormat.records(range, decoder);
            } else {
                records = List.of(decoder.decodeWhole(document));
            }
            Sequence first = records.getFirst().sequence();
            boolean follows =
                    index.isPresent() ? first.equals(index.get().last().next()) : follows(first);
            return follows ? Optional.of(records) : Optional.empty();
        } catch (BadRecord | InvalidRange e) {
            LOG.debug("end of the prefix: {}", e.getMessage());
            return Optional.empty();
        }
    }

    private static Optional<SegmentHeader> header(DocumentWalk walk) {
        try {
            return walk.next() ? Optional.of(SegmentHeader.decode(walk.document())) : Optional.empty();
        } catch (BadRecord e) {
            LOG.debug("segment header: {}", e.getMessage());
            return Optional.empty();
        }
    }

    private boolean follows(Sequence first) {
        return prefix.isEmpty() || first.equals(expected());
    }

    private Sequence expected() {
        return prefix.isEmpty() ? Sequence.NONE.next() : prefix.getLast().last().next();
    }

    private void requireOurs(SegmentHeader header, SegmentFolder segment) throws JournalUnusable {
        if (!header.journal().equals(id) || header.number() != segment.number()) {
            throw new JournalUnusable(segment.path() + " is segment " + header.number() + " of journal "
                    + header.journal() + ", not segment " + segment.number() + " of " + id);
        }
    }

    private static void force(SegmentFolder segment) throws IOException {
        try (FileChannel channel = FileChannel.open(segment.cycleFile(), StandardOpenOption.WRITE)) {
            channel.force(true);
        }
        SegmentFolder.forceDirectory(segment.path());
    }
}
