package io.tidemark.mend;

import io.tidemark.journal.Extent;
import java.nio.ByteBuffer;
import java.util.ArrayList;
import java.util.List;

/** Where two copies of an extent differ. */
final class Differences {

    /** What is found different as a whole, if one byte of it is. */
    static final int UNIT_BYTES = 4096;

    private Differences() {}

    /**
     * The runs of units that differ, in order.
     *
     * @param one from 0 to its limit, and as long as the extent; so is {@code other}
     */
    static List<Extent> between(Extent extent, ByteBuffer one, ByteBuffer other) {
        List<Extent> found = new ArrayList<>();
        int length = (int) extent.length();
        int first = -1;
        for (int at = 0; at < length; at += UNIT_BYTES) {
            int unit = Math.min(UNIT_BYTES, length - at);
            boolean differs = one.slice(at, unit).mismatch(other.slice(at, unit)) >= 0;
            if (differs && first < 0) {
                first = at;
            } else if (!differs && first >= 0) {
                found.add(Extent.between(extent.offset() + first, extent.offset() + at));
                first = -1;
            }
        }
        if (first >= 0) {
            found.add(Extent.between(extent.offset() + first, extent.end()));
        }
        return found;
    }
}
