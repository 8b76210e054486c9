package io.tidemark.resync;

import io.tidemark.journal.Extent;
import java.util.BitSet;

/**
 * Blocks that are being read to be copied, and which of them nobody has written since: only those may be appended. One thread.
 */
final class Claim {

    private final long first;
    private final BitSet untouched;
    private final int length;

    /** Of {@code length} blocks from {@code first} on. */
    Claim(long first, int length) {
        this.first = first;
        this.length = length;
        this.untouched = new BitSet(length);
        untouched.set(0, length);
    }

    long first() {
        return first;
    }

    long behind() {
        return first + length;
    }

    /** A write has passed while the blocks were being read: what was read of them may be torn or old. */
    void touched(Extent extent) {
        long from = Math.max(DirtyBlocks.first(extent), first);
        long behind = Math.min(DirtyBlocks.behind(extent), behind());
        if (from < behind) {
            untouched.clear((int) (from - first), (int) (behind - first));
        }
    }

    boolean isUntouched(long block) {
        return untouched.get((int) (block - first));
    }
}
