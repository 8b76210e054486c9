package io.tidemark.intake;

import io.tidemark.journal.Extent;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import org.roaringbitmap.longlong.Roaring64Bitmap;

/**
 * Which sectors of a disk its source has changed since a copy of it began: there our volume is newer than any copy of the source's disk that was
 * taken since. The owner's, and in memory only: a life that ends loses its clients, and with them its copy.
 */
final class Touched {

    /** What guests write is a multiple of it. */
    static final int SECTOR_BYTES = 512;

    /** Of memory; a disk that is written all over costs 250 MiB for each TiB. */
    private static final long MEMORY_BYTES_MAX = 64L << 20;

    private static final int CHANGES_BETWEEN_LOOKS = 4096;

    private final Roaring64Bitmap sectors = new Roaring64Bitmap();
    private final long memoryBytesMax;
    private Optional<String> lost = Optional.empty();
    private int changes;

    Touched() {
        this(MEMORY_BYTES_MAX);
    }

    Touched(long memoryBytesMax) {
        this.memoryBytesMax = memoryBytesMax;
    }

    /** The source has changed these bytes. */
    void add(Extent extent) {
        if (lost.isPresent() || extent.length() == 0) {
            return;
        }
        if (extent.offset() % SECTOR_BYTES != 0 || extent.length() % SECTOR_BYTES != 0) {
            lose("the source has written " + extent + ", which is not in sectors of " + SECTOR_BYTES + " bytes");
            return;
        }
        sectors.addRange(extent.offset() / SECTOR_BYTES, extent.end() / SECTOR_BYTES);
        if (++changes % CHANGES_BETWEEN_LOOKS == 0 && sectors.getLongSizeInBytes() > memoryBytesMax) {
            lose("what the source has changed since the copy began takes more than " + (memoryBytesMax >> 20)
                    + " MiB to remember");
        }
    }

    /** Why it is not known any more what the source has changed; empty while it is. */
    Optional<String> lost() {
        return lost;
    }

    /** What of the extent, which is in whole sectors, the source has not changed; in order. */
    List<Extent> untouchedIn(Extent extent) {
        List<Extent> found = new ArrayList<>();
        long end = extent.end() / SECTOR_BYTES;
        long first = extent.offset() / SECTOR_BYTES;
        for (long at = first; at <= end; at++) {
            if (at == end || sectors.contains(at)) {
                if (first < at) {
                    found.add(Extent.between(first * SECTOR_BYTES, at * SECTOR_BYTES));
                }
                first = at + 1;
            }
        }
        return found;
    }

    private void lose(String why) {
        lost = Optional.of(why);
        sectors.clear();
    }
}
