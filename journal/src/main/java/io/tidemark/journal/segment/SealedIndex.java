package io.tidemark.journal.segment;

import static io.tidemark.journal.segment.IndexFormat.*;

import io.tidemark.journal.Fault;
import io.tidemark.journal.Sequence;
import io.tidemark.journal.StreamId;
import io.tidemark.journal.extent.ExtentLookup;
import io.tidemark.journal.extent.ExtentMap;
import io.tidemark.journal.format.RecordFormat;
import io.tidemark.journal.segment.IndexFormat.Section;
import java.io.IOException;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.nio.channels.FileChannel;
import java.nio.file.Files;
import java.nio.file.StandardOpenOption;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.UUID;
import java.util.concurrent.atomic.AtomicIntegerArray;
import java.util.function.Consumer;
import java.util.zip.CRC32C;

/**
 * The index of a sealed segment, read where it lies in its file. Any thread.
 *
 * <p>Opening one reads its header only; each section is checked when it is first used.
 */
public final class SealedIndex implements SegmentContents {

    private final SegmentFolder folder;
    private final MemorySegment bytes;
    private final long[] sectionStarts = new long[SECTIONS.size()];
    private final AtomicIntegerArray verified = new AtomicIntegerArray(SECTIONS.size());
    private final List<StreamSummary> streams = new ArrayList<>();
    private final Map<StreamId, Integer> numbers = new HashMap<>();

    private SealedIndex(SegmentFolder folder, MemorySegment bytes) {
        this.folder = folder;
        this.bytes = bytes;
        long at = HEADER_BYTES;
        for (Section section : SECTIONS) {
            sectionStarts[section.number()] = at;
            at += (long) count(section) * section.entryBytes();
        }
    }

    /** Opens the index of a segment; empty when there is none, or none that is whole. */
    public static Optional<SealedIndex> open(SegmentFolder folder) throws IOException {
        if (!Files.exists(folder.indexFile())) {
            return Optional.empty();
        }
        try (FileChannel channel = FileChannel.open(folder.indexFile(), StandardOpenOption.READ)) {
            if (channel.size() < HEADER_BYTES) {
                return Optional.empty();
            }
            // Collected with its last reader: an index is small, and so is what it may keep from the disk for a while.
            SealedIndex index = new SealedIndex(
                    folder, channel.map(FileChannel.MapMode.READ_ONLY, 0, channel.size(), Arena.ofAuto()));
            if (!index.isWhole()) {
                return Optional.empty();
            }
            index.readStreams();
            return Optional.of(index);
        }
    }

    /** Where the last record ends in the cycle file. */
    public long end() {
        return bytes.get(LONG, END_AT);
    }

    @Override
    public Sequence first() {
        return new Sequence(bytes.get(LONG, FIRST_AT));
    }

    @Override
    public Sequence last() {
        return new Sequence(bytes.get(LONG, LAST_AT));
    }

    @Override
    public List<StreamSummary> streams() {
        return streams;
    }

    @Override
    public ExtentLookup extents(StreamId stream) {
        Integer number = numbers.get(stream);
        if (number == null) {
            return ExtentLookup.EMPTY;
        }
        verify(MAP);
        long entry = entry(STREAMS, number);
        int from = bytes.get(INT, entry + 48);
        int to = from + bytes.get(INT, entry + 52);
        return (offset, end, visitor) -> visit(from, to, offset, end, visitor);
    }

    @Override
    public ExtentLookup extents(StreamId stream, Sequence upTo) {
        Integer number = numbers.get(stream);
        if (number == null) {
            return ExtentLookup.EMPTY;
        }
        verify(LOG);
        ExtentMap map = new ExtentMap();
        long first = first().number();
        for (int i = 0; i < count(LOG); i++) {
            long entry = entry(LOG, i);
            if (first + bytes.get(INT, entry + 4) > upTo.number()) {
                break;
            }
            if (bytes.get(INT, entry) == number) {
                map.put(bytes.get(LONG, entry + 8), bytes.get(LONG, entry + 16), bytes.get(LONG, entry + 24));
            }
        }
        return map;
    }

    @Override
    public long bytes(Sequence after, Sequence upTo) {
        verify(LOG);
        long[] sum = {0};
        long first = first().number();
        for (int i = 0; i < count(LOG); i++) {
            long entry = entry(LOG, i);
            long sequence = first + bytes.get(INT, entry + 4);
            if (sequence > upTo.number()) {
                break;
            }
            if (sequence > after.number()) {
                sum[0] += RecordFormat.bytes(
                        bytes.get(LONG, entry + 16) - bytes.get(LONG, entry + 8),
                        bytes.get(LONG, entry + 24) != ExtentLookup.ZEROES);
            }
        }
        marks(after, upTo, mark -> sum[0] += RecordFormat.HEADER_BYTES);
        return sum[0];
    }

    @Override
    public void marks(Sequence after, Sequence upTo, Consumer<StoredMark> reader) {
        verify(MARKS);
        for (int i = firstMarkAfter(after); i < count(MARKS); i++) {
            StoredMark mark = mark(i);
            if (mark.sequence().isAfter(upTo)) {
                return;
            }
            reader.accept(mark);
        }
    }

    private void visit(int from, int to, long offset, long end, ExtentLookup.Visitor visitor) {
        for (int i = firstEndingAfter(from, to, offset); i < to; i++) {
            long entry = entry(MAP, i);
            long start = bytes.get(LONG, entry);
            if (start >= end) {
                return;
            }
            long cut = Math.max(start, offset);
            visitor.visit(
                    cut,
                    Math.min(bytes.get(LONG, entry + 8), end),
                    ExtentLookup.advance(bytes.get(LONG, entry + 16), cut - start));
        }
    }

    private int firstEndingAfter(int from, int to, long offset) {
        int low = from;
        int high = to;
        while (low < high) {
            int middle = (low + high) >>> 1;
            if (bytes.get(LONG, entry(MAP, middle) + 8) > offset) {
                high = middle;
            } else {
                low = middle + 1;
            }
        }
        return low;
    }

    private int firstMarkAfter(Sequence after) {
        int low = 0;
        int high = count(MARKS);
        while (low < high) {
            int middle = (low + high) >>> 1;
            if (bytes.get(LONG, entry(MARKS, middle)) > after.number()) {
                high = middle;
            } else {
                low = middle + 1;
            }
        }
        return low;
    }

    private StoredMark mark(int at) {
        long entry = entry(MARKS, at);
        int stream = bytes.get(INT, entry + 32);
        return new StoredMark(
                new Sequence(bytes.get(LONG, entry)),
                bytes.get(LONG, entry + 8),
                bytes.get(LONG, entry + 16),
                bytes.get(LONG, entry + 24),
                stream == NO_STREAM ? StreamId.NONE : streams.get(stream).stream(),
                bytes.get(java.lang.foreign.ValueLayout.JAVA_BYTE, entry + 36),
                bytes.get(java.lang.foreign.ValueLayout.JAVA_BYTE, entry + 37));
    }

    private boolean isWhole() {
        Pages.touch(bytes, 0, HEADER_BYTES);
        CRC32C crc = new CRC32C();
        crc.update(bytes.asSlice(0, CRC_AT).asByteBuffer());
        if (bytes.get(INT, 0) != MAGIC
                || bytes.get(INT, VERSION_AT) != VERSION
                || bytes.get(INT, CRC_AT) != (int) crc.getValue()
                || bytes.get(LONG, NUMBER_AT) != folder.number()
                || bytes.get(LONG, FIRST_AT) < 1
                || bytes.get(LONG, LAST_AT) < bytes.get(LONG, FIRST_AT)) {
            return false;
        }
        for (Section section : SECTIONS) {
            if (count(section) < 0) {
                return false;
            }
        }
        return bytes.byteSize() == entry(MARKS, count(MARKS)) && isIntact(STREAMS);
    }

    private void readStreams() {
        for (int i = 0; i < count(STREAMS); i++) {
            long entry = entry(STREAMS, i);
            StreamId stream = new StreamId(new UUID(bytes.get(LONG, entry), bytes.get(LONG, entry + 8)));
            numbers.put(stream, i);
            streams.add(new StreamSummary(
                    stream,
                    bytes.get(LONG, entry + 16),
                    new Sequence(bytes.get(LONG, entry + 24)),
                    bytes.get(LONG, entry + 32),
                    bytes.get(LONG, entry + 40)));
        }
    }

    private void verify(Section section) {
        if (verified.get(section.number()) != 0) {
            return;
        }
        if (!isIntact(section)) {
            throw new Fault("segment " + folder.number() + ": checksum of section "
                    + section.name() + " of " + folder.indexFile()
                    + "; remove that file while the journal is closed, it is built again from the records");
        }
        verified.set(section.number(), 1);
    }

    private boolean isIntact(Section section) {
        long length = (long) count(section) * section.entryBytes();
        Pages.touch(bytes, sectionStarts[section.number()], length);
        CRC32C crc = new CRC32C();
        crc.update(bytes.asSlice(sectionStarts[section.number()], length).asByteBuffer());
        return (int) crc.getValue() == bytes.get(INT, CRCS_AT + 4L * section.number());
    }

    private int count(Section section) {
        return bytes.get(INT, COUNTS_AT + 4L * section.number());
    }

    private long entry(Section section, int at) {
        return sectionStarts[section.number()] + (long) at * section.entryBytes();
    }
}
