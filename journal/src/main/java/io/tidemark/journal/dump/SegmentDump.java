package io.tidemark.journal.dump;

import io.tidemark.journal.Fault;
import io.tidemark.journal.InvalidRange;
import io.tidemark.journal.JournalId;
import io.tidemark.journal.JournalRecord;
import io.tidemark.journal.Range;
import io.tidemark.journal.format.BadRecord;
import io.tidemark.journal.format.RangeFormat;
import io.tidemark.journal.format.RecordDecoder;
import io.tidemark.journal.segment.ActiveIndex;
import io.tidemark.journal.segment.DocumentWalk;
import io.tidemark.journal.segment.Pages;
import io.tidemark.journal.segment.SealedIndex;
import io.tidemark.journal.segment.SegmentFolder;
import io.tidemark.journal.segment.SegmentHeader;
import io.tidemark.journal.segment.SegmentMap;
import java.io.IOException;
import java.io.PrintStream;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.nio.ByteBuffer;
import java.nio.file.Files;
import java.util.List;
import java.util.Optional;
import java.util.function.BooleanSupplier;
import java.util.function.Consumer;

/** Reads one segment from its first byte to its last. One use each. */
final class SegmentDump {

    private final SegmentFolder folder;
    private final JournalId journal;
    private final Findings findings;
    private final PrintStream out;
    private final Consumer<JournalRecord> each;
    private final RecordDecoder decoder = new RecordDecoder();
    private Optional<ActiveIndex> index = Optional.empty();

    /** @param each takes every whole record */
    SegmentDump(
            SegmentFolder folder, JournalId journal, Findings findings, PrintStream out, Consumer<JournalRecord> each) {
        this.folder = folder;
        this.journal = journal;
        this.findings = findings;
        this.out = out;
        this.each = each;
    }

    /**
     * Reads the segment. False when it is the one that is being written, so that what comes behind it is later.
     *
     * @param open whether a process has the journal open, and may be appending to the segment or sealing it
     * @param nextHasBegun whether the segment behind this one holds a record by now: then nothing is added to this one
     */
    boolean run(boolean open, BooleanSupplier nextHasBegun) throws IOException {
        Optional<SealedIndex> sealed = sealedIndex();
        boolean complete = true;
        SegmentMap map = SegmentMap.of(folder.cycleFile());
        try {
            complete = walk(map.bytes(), sealed, open && sealed.isEmpty(), nextHasBegun);
        } catch (InternalError e) {
            boolean cut = Files.size(folder.cycleFile()) < map.bytes().byteSize();
            if (!open || !cut) {
                findings.unreadable("segment " + folder.number() + ": a page of " + folder.cycleFile()
                        + " cannot be read behind record "
                        + findings.last().map(Object::toString).orElse("none"));
            }
        } finally {
            map.close();
        }
        if (sealed.isPresent()) {
            compare(sealed.get());
        }
        return complete;
    }

    /** Whether a segment holds a record. */
    static boolean hasBegun(SegmentFolder folder) {
        try {
            SegmentMap map = SegmentMap.of(folder.cycleFile());
            try {
                DocumentWalk walk = new DocumentWalk(map.bytes(), 0, map.bytes().byteSize());
                boolean hasHeader = walk.next();
                return hasHeader && walk.next();
            } finally {
                map.close();
            }
        } catch (IOException | InternalError e) {
            return false;
        }
    }

    private Optional<SealedIndex> sealedIndex() throws IOException {
        Optional<SealedIndex> sealed = SealedIndex.open(folder);
        if (Files.exists(folder.indexFile()) && sealed.isEmpty()) {
            findings.problem("segment " + folder.number() + ": " + folder.indexFile()
                    + " is damaged; it will be built again from the records");
        }
        return sealed;
    }

    private boolean walk(
            MemorySegment bytes, Optional<SealedIndex> sealed, boolean growing, BooleanSupplier nextHasBegun) {
        DocumentWalk walk = new DocumentWalk(bytes, 0, bytes.byteSize());
        if (!readHeader(walk, sealed.isPresent())) {
            return true;
        }
        long end = walk.end();
        boolean complete;
        do {
            complete = !growing || nextHasBegun.getAsBoolean();
            while (walk.next()) {
                read(walk);
                end = walk.end();
            }
        } while (!complete && nextHasBegun.getAsBoolean());
        if (sealed.isPresent() && end != sealed.get().end()) {
            findings.problem("segment " + folder.number() + " ends at byte " + end + " of " + folder.cycleFile()
                    + ", and its index says " + sealed.get().end());
        }
        if (!growing && !isBlank(bytes, walk.end())) {
            findings.unreadable("segment " + folder.number() + ": what is behind byte " + end + " of "
                    + folder.cycleFile() + " is no document; opening the journal sets it aside");
        }
        return complete;
    }

    private boolean readHeader(DocumentWalk walk, boolean sealed) {
        if (!walk.next()) {
            out.println("segment " + folder.number() + ": empty");
            return false;
        }
        try {
            SegmentHeader header = SegmentHeader.decode(walk.document());
            out.println("segment " + folder.number() + (sealed ? ", sealed" : ", not sealed") + ", incarnation "
                    + header.incarnation() + ", boot " + header.boot());
            if (!header.journal().equals(journal) || header.number() != folder.number()) {
                findings.problem("segment " + folder.number() + " says that it is segment " + header.number()
                        + " of journal " + header.journal());
            }
            return true;
        } catch (BadRecord e) {
            findings.unreadable("segment " + folder.number() + ": " + e.getMessage());
            return false;
        }
    }

    private void read(DocumentWalk walk) {
        ByteBuffer document = walk.document();
        boolean isRange = RangeFormat.isRange(document);
        try {
            List<JournalRecord> records;
            if (isRange) {
                Range range = RangeFormat.decode(document);
                records = RangeFormat.records(range, decoder);
            } else {
                records = List.of(decoder.decodeWhole(document));
            }
            long position = walk.start() + (isRange ? RangeFormat.HEADER_BYTES : 0);
            for (JournalRecord record : records) {
                findings.record(record.sequence());
                each.accept(record);
                ActiveIndex to = index.orElseGet(() -> new ActiveIndex(record.sequence()));
                to.add(record, position);
                index = Optional.of(to);
                position += RecordDecoder.size(record);
            }
        } catch (BadRecord | InvalidRange e) {
            findings.unreadable("segment " + folder.number() + ": the " + (isRange ? "range" : "record") + " of "
                    + document.remaining() + " bytes at byte " + walk.start() + " of " + folder.cycleFile()
                    + " is not whole: " + e.getMessage());
        }
    }

    /** The index must say what the records say. Uses each of its sections, so that all their checksums are verified. */
    private void compare(SealedIndex sealed) {
        try {
            sealed.marks(sealed.first().previous(), sealed.last(), mark -> {});
            sealed.streams().forEach(stream -> {
                var all = sealed.extents(stream.stream());
                var upTo = sealed.extents(stream.stream(), sealed.last());
                all.overlapping(0, 1, (offset, end, place) -> {});
                upTo.overlapping(0, 1, (offset, end, place) -> {});
            });
            boolean same = index.isPresent()
                    && index.get().first().equals(sealed.first())
                    && index.get().last().equals(sealed.last())
                    && index.get().streams().equals(sealed.streams());
            if (!same && findings.areGood()) {
                findings.problem("segment " + folder.number() + ": " + folder.indexFile()
                        + " does not say what the records say");
            }
        } catch (Fault e) {
            findings.problem(String.valueOf(e.getMessage()));
        }
    }

    private static boolean isBlank(MemorySegment bytes, long from) {
        Pages.touch(bytes, from, bytes.byteSize() - from);
        for (long at = from; at < bytes.byteSize(); at++) {
            if (bytes.get(ValueLayout.JAVA_BYTE, at) != 0) {
                return false;
            }
        }
        return true;
    }
}
