package io.tidemark.journal.segment;

import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;

/**
 * Steps over the data documents of a cycle file as Chronicle frames them: a 4-byte little-endian header (bit 31
 * incomplete, bit 30 metadata, 30 bits length), documents at multiples of 4.
 *
 * <p>Trusts nothing: stops at the first header that is not that of a complete document within the limit, and touches
 * every page of a document before it hands it out.
 */
public final class DocumentWalk {

    public static final int HEADER_BYTES = 4;

    private static final int INCOMPLETE = 1 << 31;
    private static final int METADATA = 1 << 30;
    private static final int LENGTH = METADATA - 1;
    private static final ValueLayout.OfInt INT = ValueLayout.JAVA_INT_UNALIGNED.withOrder(ByteOrder.LITTLE_ENDIAN);

    private final MemorySegment bytes;
    private final long limit;
    private long next;
    private long start;
    private int length;

    /** Walks {@code bytes} from the header at {@code from} to {@code limit}. */
    public DocumentWalk(MemorySegment bytes, long from, long limit) {
        this.bytes = bytes;
        this.next = from;
        this.limit = limit;
    }

    /** Moves to the next data document; false when there is none that is complete. */
    public boolean next() {
        while (limit - next >= HEADER_BYTES) {
            Pages.touch(bytes, next, HEADER_BYTES);
            int header = bytes.get(INT, next);
            int size = header & LENGTH;
            if ((header & INCOMPLETE) != 0 || size == 0 || size > limit - next - HEADER_BYTES) {
                return false;
            }
            long at = next + HEADER_BYTES;
            next = (at + size + 3) & ~3L;
            if ((header & METADATA) == 0) {
                Pages.touch(bytes, at, size);
                start = at;
                length = size;
                return true;
            }
        }
        return false;
    }

    /** Where the bytes of the current document begin in the file. */
    public long start() {
        return start;
    }

    /** Where the header of the next document would be: nothing before it is left to read. */
    public long end() {
        return next;
    }

    /** Goes back to before the current document, so that the next step finds it again. */
    public void back() {
        next = start - HEADER_BYTES;
    }

    /** The bytes of the current document, read-only. */
    public ByteBuffer document() {
        return bytes.asSlice(start, length).asByteBuffer();
    }
}
