package io.tidemark.resync;

import io.tidemark.journal.Extent;
import java.util.Arrays;

/**
 * Which blocks of a disk the replica lacks: a bitmap in pages, of which only those are in memory that are neither all clean nor all
 * dirty. One thread.
 */
public final class DirtyBlocks {

    /** What one bit stands for. */
    public static final int BLOCK_BYTES = 64 << 10;

    private static final int PAGE_LONGS = 512;
    private static final int PAGE_BLOCKS = PAGE_LONGS * Long.SIZE;
    private static final long[] ALL = page(-1L);
    private static final long[] NONE = page(0);

    private long sizeBytes;
    private long blocks;
    private long[][] pages; // those that are alike are shared
    private long dirty;

    /** None of a disk of this size. */
    public DirtyBlocks(long sizeBytes) {
        this.sizeBytes = sizeBytes;
        this.blocks = Math.ceilDiv(sizeBytes, BLOCK_BYTES);
        this.pages = pages(blocks);
    }

    /** The disk has grown to this size, if it was smaller: the replica lacks nothing of what was added. */
    public void growTo(long size) {
        if (size <= sizeBytes) {
            return;
        }
        long before = blocks;
        sizeBytes = size;
        blocks = Math.ceilDiv(size, BLOCK_BYTES);
        long[][] grown = pages(blocks);
        System.arraycopy(pages, 0, grown, 0, pages.length);
        pages = grown;
        cleanPageBehind(before);
    }

    /** The same blocks of a disk of this size, as far as it has them. */
    DirtyBlocks sizedTo(long size) {
        DirtyBlocks sized = new DirtyBlocks(size);
        sized.add(this);
        return sized;
    }

    /** Every block of the disk. */
    public void markAll() {
        Arrays.fill(pages, ALL);
        dirty = blocks;
    }

    /** Every block that is dirty in another bitmap of the disk, as far as this one reaches. */
    public void add(DirtyBlocks other) {
        long behind = Math.min(blocks, other.blocks);
        for (long block = other.next(0); block < behind; block = other.next(block + 1)) {
            if (!isDirty(block)) {
                set(block, true);
            }
        }
    }

    /** The same blocks, in a bitmap of its own. */
    public DirtyBlocks copy() {
        DirtyBlocks copy = new DirtyBlocks(sizeBytes);
        for (int i = 0; i < pages.length; i++) {
            copy.pages[i] = pages[i] == ALL || pages[i] == NONE ? pages[i] : pages[i].clone();
        }
        copy.dirty = dirty;
        return copy;
    }

    /** Every block that the extent touches, as far as the disk reaches: it may have been larger, or grown. */
    public void mark(Extent extent) {
        for (long block = first(extent); block < Math.min(behind(extent), blocks); block++) {
            if (!isDirty(block)) {
                set(block, true);
            }
        }
    }

    /** The blocks from {@code first} to before {@code behind} are no longer lacking. */
    public void clear(long first, long behind) {
        for (long block = first; block < behind; block++) {
            if (isDirty(block)) {
                set(block, false);
            }
        }
    }

    /** The blocks that the extent covers as a whole, to the end of the disk, are no longer lacking. */
    void clearCovered(Extent extent) {
        long first = Math.ceilDiv(extent.offset(), BLOCK_BYTES);
        long behind = extent.end() == sizeBytes ? blocks : extent.end() / BLOCK_BYTES;
        clear(first, behind);
    }

    /** Whether the extent touches no block that is clean. */
    boolean areDirty(Extent extent) {
        for (long block = first(extent); block < behind(extent); block++) {
            if (!isDirty(block)) {
                return false;
            }
        }
        return true;
    }

    public boolean isDirty(long block) {
        long[] page = pages[(int) (block / PAGE_BLOCKS)];
        int at = (int) (block % PAGE_BLOCKS);
        return (page[at / Long.SIZE] & 1L << at) != 0;
    }

    /** The first dirty block from {@code from} on; {@link #blocks} if there is none. */
    public long next(long from) {
        long block = from;
        while (block < blocks) {
            long[] page = pages[(int) (block / PAGE_BLOCKS)];
            if (page == NONE) {
                block = (block / PAGE_BLOCKS + 1) * PAGE_BLOCKS;
                continue;
            }
            int at = (int) (block % PAGE_BLOCKS);
            long rest = page[at / Long.SIZE] >>> at;
            if (rest != 0) {
                return Math.min(blocks, block + Long.numberOfTrailingZeros(rest));
            }
            block += Long.SIZE - at % Long.SIZE;
        }
        return blocks;
    }

    /** How large the disk is. */
    public long sizeBytes() {
        return sizeBytes;
    }

    /** How many blocks the disk has. */
    public long blocks() {
        return blocks;
    }

    /** How many of them are dirty. */
    public long count() {
        return dirty;
    }

    /** Bytes of the dirty blocks, at most the size of the disk. */
    public long bytes() {
        return Math.min(dirty * BLOCK_BYTES, sizeBytes);
    }

    /** The blocks from {@code first} to before {@code behind}, as far as the disk reaches. */
    public Extent extent(long first, long behind) {
        return Extent.between(first * BLOCK_BYTES, Math.min(behind * BLOCK_BYTES, sizeBytes));
    }

    /** The first block that the extent touches. */
    public static long first(Extent extent) {
        return extent.offset() / BLOCK_BYTES;
    }

    /** The first block behind the extent. */
    public static long behind(Extent extent) {
        return Math.ceilDiv(extent.end(), BLOCK_BYTES);
    }

    /** In a page that was wholly dirty, bits are set behind the last block: there was nothing that they could stand for. */
    private void cleanPageBehind(long behind) {
        int number = (int) (behind / PAGE_BLOCKS);
        int from = (int) (behind % PAGE_BLOCKS);
        if (from == 0 || pages[number] == NONE) {
            return;
        }
        long[] page = pages[number].clone();
        page[from / Long.SIZE] &= ~(-1L << from);
        Arrays.fill(page, from / Long.SIZE + 1, PAGE_LONGS, 0);
        pages[number] = page;
    }

    private static long[][] pages(long blocks) {
        long[][] pages = new long[Math.toIntExact(Math.ceilDiv(blocks, PAGE_BLOCKS))][];
        Arrays.fill(pages, NONE);
        return pages;
    }

    private void set(long block, boolean value) {
        int number = (int) (block / PAGE_BLOCKS);
        int at = (int) (block % PAGE_BLOCKS);
        long[] page = pages[number];
        if (page == ALL || page == NONE) {
            page = page.clone();
            pages[number] = page;
        }
        if (value) {
            page[at / Long.SIZE] |= 1L << at;
            dirty++;
        } else {
            page[at / Long.SIZE] &= ~(1L << at);
            dirty--;
        }
    }

    private static long[] page(long value) {
        long[] page = new long[PAGE_LONGS];
        Arrays.fill(page, value);
        return page;
    }
}
