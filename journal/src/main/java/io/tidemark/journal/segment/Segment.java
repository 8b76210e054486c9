package io.tidemark.journal.segment;

import io.tidemark.journal.Fault;
import io.tidemark.journal.JournalRecord;
import io.tidemark.journal.Lease;
import io.tidemark.journal.Sequence;
import io.tidemark.journal.format.BadRecord;
import io.tidemark.journal.format.RecordDecoder;
import io.tidemark.journal.format.RecordFormat;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.file.StandardOpenOption;

/**
 * One segment of an open journal, as its readers see it: what is in it, and the mapping of its bytes.
 *
 * <p>Any thread. The contents are exchanged once, when the segment is sealed.
 */
public final class Segment {

    private final SegmentFolder folder;
    private final SegmentHeader header;
    private final SegmentMap map;
    private final long firstDocument;
    private volatile SegmentContents contents;
    private long sealedBytes; // the keeper's; 0 until counted

    private Segment(SegmentFolder folder, SegmentHeader header, SegmentMap map, SegmentContents contents) {
        this.folder = folder;
        this.header = header;
        this.map = map;
        this.contents = contents;
        DocumentWalk walk = new DocumentWalk(map.bytes(), 0, map.bytes().byteSize());
        walk.next();
        this.firstDocument = walk.end();
    }

    /** A segment that is being written, or was and is not sealed yet. */
    public static Segment unsealed(SegmentFolder folder, SegmentHeader header, ActiveIndex index) throws IOException {
        return new Segment(folder, header, SegmentMap.of(folder.cycleFile()), index);
    }

    /** A sealed segment, mapped. */
    public static Segment sealed(SegmentFolder folder, SealedIndex index) throws IOException {
        SegmentMap map = SegmentMap.of(folder.cycleFile());
        try {
            return new Segment(folder, readHeader(folder, map), map, index);
        } catch (RuntimeException e) {
            map.close();
            throw e;
        }
    }

    public SegmentFolder folder() {
        return folder;
    }

    public SegmentHeader header() {
        return header;
    }

    public SegmentContents contents() {
        return contents;
    }

    public Sequence first() {
        return contents.first();
    }

    /** The last record so far. */
    public Sequence last() {
        return contents.last();
    }

    public boolean isSealed() {
        return contents instanceof SealedIndex;
    }

    /** A walk over its records or ranges, from the first. Only while a lease is held. */
    public DocumentWalk walk() {
        return new DocumentWalk(map.bytes(), firstDocument, map.bytes().byteSize());
    }

    public Lease lease() {
        return map.lease();
    }

    /** The bytes of {@code length} from {@code place} on. Only while a lease is held. */
    public ByteBuffer bytes(long place, long length) {
        return map.bytes().asSlice(place, length).asByteBuffer();
    }

    /** The record whose first byte is at {@code position}; its payload is a copy. */
    public JournalRecord recordAt(long position) {
        Lease lease = lease();
        try {
            long available = Math.min(RecordFormat.RECORD_BYTES_MAX, map.bytes().byteSize() - position);
            ByteBuffer bytes = bytes(position, available);
            Pages.touch(map.bytes(), position, RecordFormat.HEADER_BYTES);
            ByteBuffer copy = ByteBuffer.allocate(RecordDecoder.size(bytes));
            Pages.touch(map.bytes(), position, copy.capacity());
            return new RecordDecoder()
                    .decode(copy.put(bytes.limit(copy.capacity())).flip());
        } catch (BadRecord | InternalError e) {
            throw new Fault("segment " + folder.number() + ": record at " + position + ": " + e.getMessage());
        } finally {
            lease.close();
        }
    }

    /**
     * Writes the index of a segment that nothing is added to any more, and cuts the file to {@code end}.
     *
     * <p>On return the segment is sealed, durably. After a crash in the middle it is sealed again at the next open.
     */
    public void seal(long end) throws IOException {
        if (contents instanceof ActiveIndex index) {
            IndexWriter.write(folder, header, index, end);
            try (FileChannel channel = FileChannel.open(folder.cycleFile(), StandardOpenOption.WRITE)) {
                channel.truncate(end);
                channel.force(true);
            }
            contents = SealedIndex.open(folder)
                    .orElseThrow(() -> new Fault(
                            "segment " + folder.number() + ": the index just written to " + folder + " is not whole"));
        }
    }

    /** Bytes of its files. Once it is sealed they do not change, and are not looked up again. The keeper's thread. */
    public long bytesOnDisk() throws IOException {
        if (sealedBytes != 0) {
            return sealedBytes;
        }
        long bytes = folder.bytes();
        sealedBytes = isSealed() ? bytes : 0;
        return bytes;
    }

    /** Gives up the mapping. Returns whether it is gone; else it goes when the last lease is closed. */
    public boolean close() {
        return map.close();
    }

    private static SegmentHeader readHeader(SegmentFolder folder, SegmentMap map) {
        DocumentWalk walk = new DocumentWalk(map.bytes(), 0, map.bytes().byteSize());
        try {
            if (walk.next()) {
                return SegmentHeader.decode(walk.document());
            }
            throw new BadRecord("no document");
        } catch (BadRecord e) {
            throw new Fault("segment " + folder.number() + ": header: " + e.getMessage());
        }
    }
}
