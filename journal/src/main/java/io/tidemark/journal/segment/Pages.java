package io.tidemark.journal.segment;

import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;

/**
 * Makes sure that pages of a mapping can be read before anything else reads them.
 *
 * <p>A page that the disk cannot give is a SIGBUS. In code of the JVM's own, a checksum or a comparison of many bytes,
 * that is the end of the process; in a plain access it is an {@link InternalError}, raised at the next safepoint.
 */
public final class Pages {

    private static final int PAGE_BYTES = 4096;

    /** Volatile, so that the loop below is none the compiler may count: each turn of it passes a safepoint. */
    private static volatile long step = PAGE_BYTES;

    private Pages() {}

    /** Reads a byte of every page of {@code [from, from + length)}; an {@link InternalError} if one cannot be read. */
    public static long touch(MemorySegment bytes, long from, long length) {
        long sum = 0;
        long end = from + length;
        for (long at = from; at < end; at += step) {
            sum += bytes.get(ValueLayout.JAVA_BYTE, at);
        }
        if (length > 0) {
            sum += bytes.get(ValueLayout.JAVA_BYTE, end - 1);
        }
        for (long turn = 0; turn < 2 * PAGE_BYTES; turn += step) {
            sum += turn; // past a safepoint once more, for the last byte
        }
        return sum;
    }
}
