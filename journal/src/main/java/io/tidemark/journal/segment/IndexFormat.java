package io.tidemark.journal.segment;

import java.lang.foreign.ValueLayout;
import java.nio.ByteOrder;
import java.util.List;

/** The layout of a sealed segment's index: docs/journal.md, section 4. */
final class IndexFormat {

    /** {@code TMI1}, read as a little-endian integer. */
    static final int MAGIC = 'T' | 'M' << 8 | 'I' << 16 | '1' << 24;

    static final int VERSION = 1;

    static final int VERSION_AT = 4;
    static final int NUMBER_AT = 8;
    static final int INCARNATION_AT = 16;
    static final int FIRST_AT = 24;
    static final int LAST_AT = 32;
    static final int END_AT = 40;
    static final int COUNTS_AT = 48;
    static final int CRCS_AT = 64;
    static final int CRC_AT = 92;
    static final int HEADER_BYTES = 96;

    /** A section: its place among the four, its name, the size of its entries. */
    record Section(int number, String name, int entryBytes) {}

    static final Section STREAMS = new Section(0, "streams", 56);
    static final Section LOG = new Section(1, "log", 32);
    static final Section MAP = new Section(2, "map", 24);
    static final Section MARKS = new Section(3, "marks", 40);

    /** In the order of the file. */
    static final List<Section> SECTIONS = List.of(STREAMS, LOG, MAP, MARKS);

    static final ValueLayout.OfInt INT = ValueLayout.JAVA_INT_UNALIGNED.withOrder(ByteOrder.LITTLE_ENDIAN);
    static final ValueLayout.OfLong LONG = ValueLayout.JAVA_LONG_UNALIGNED.withOrder(ByteOrder.LITTLE_ENDIAN);

    /** The stream number of a mark that belongs to none. */
    static final int NO_STREAM = -1;

    private IndexFormat() {}
}
