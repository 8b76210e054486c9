package io.tidemark.resync;

import static org.assertj.core.api.Assertions.assertThat;

import io.tidemark.journal.Extent;
import java.util.BitSet;
import java.util.Random;
import org.junit.jupiter.api.Test;

class DirtyBlocksTest {

    private static final int BLOCK = DirtyBlocks.BLOCK_BYTES;

    @Test
    void anExtentIsDirtyIfEveryBlockThatItTouchesIs() {
        DirtyBlocks dirty = new DirtyBlocks(10L * DirtyBlocks.BLOCK_BYTES);
        dirty.mark(new Extent(2L * DirtyBlocks.BLOCK_BYTES, 3L * DirtyBlocks.BLOCK_BYTES));

        assertThat(dirty.areDirty(new Extent(2L * DirtyBlocks.BLOCK_BYTES, 3L * DirtyBlocks.BLOCK_BYTES)))
                .isTrue();
        assertThat(dirty.areDirty(new Extent(3L * DirtyBlocks.BLOCK_BYTES + 512, 512)))
                .isTrue();
        assertThat(dirty.areDirty(new Extent(2L * DirtyBlocks.BLOCK_BYTES - 512, 1024)))
                .isFalse();
        assertThat(dirty.areDirty(new Extent(5L * DirtyBlocks.BLOCK_BYTES - 512, 1024)))
                .isFalse();
    }

    @Test
    void aBlockThatIsTouchedIsDirtyAndOnlyOneThatIsCoveredIsClean() {
        DirtyBlocks blocks = new DirtyBlocks(10L * BLOCK + 5);
        blocks.mark(new Extent(BLOCK - 1, 2));
        assertThat(blocks.count()).isEqualTo(2);
        blocks.clearCovered(new Extent(0, BLOCK + 1));
        assertThat(blocks.isDirty(0)).isFalse();
        assertThat(blocks.isDirty(1)).isTrue();
    }

    /** The last block of a disk is covered by what reaches the end of the disk. */
    @Test
    void theLastBlockMayBeShort() {
        DirtyBlocks blocks = new DirtyBlocks(2L * BLOCK + 5);
        blocks.markAll();
        assertThat(blocks.bytes()).isEqualTo(2L * BLOCK + 5);
        assertThat(blocks.extent(2, 3)).isEqualTo(new Extent(2L * BLOCK, 5));
        blocks.clearCovered(new Extent(2L * BLOCK, 4));
        assertThat(blocks.count()).isEqualTo(3);
        blocks.clearCovered(new Extent(2L * BLOCK, 5));
        assertThat(blocks.count()).isEqualTo(2);
        assertThat(blocks.next(2)).isEqualTo(blocks.blocks());
    }

    /** 64 TiB: a bitmap whose pages are made only where the disk is neither all clean nor all dirty. */
    @Test
    void aHugeDiskIsSearchedByPages() {
        DirtyBlocks blocks = new DirtyBlocks(64L << 40);
        blocks.mark(new Extent((64L << 40) - 1, 1));
        assertThat(blocks.next(0)).isEqualTo(blocks.blocks() - 1);
        blocks.markAll();
        assertThat(blocks.count()).isEqualTo(1L << 30);
        blocks.clear(0, 5);
        assertThat(blocks.next(0)).isEqualTo(5);
    }

    @Test
    void whatADiskHasGrownByIsClean() {
        for (int last : new int[] {1, 63, 64, 100, 32768, 32769}) {
            DirtyBlocks blocks = new DirtyBlocks((long) last * BLOCK - 5);
            blocks.markAll();
            blocks.clear(0, 1);

            // When
            blocks.growTo(70_000L * BLOCK);

            // Then
            assertThat(blocks.count()).isEqualTo(last - 1);
            assertThat(blocks.blocks()).isEqualTo(70_000);
            assertThat(blocks.next(1)).isEqualTo(last > 1 ? 1 : 70_000);
            assertThat(blocks.next(last)).isEqualTo(70_000);
            blocks.mark(new Extent((last + 7L) * BLOCK, 1));
            assertThat(blocks.next(last)).isEqualTo(last + 7);
        }
    }

    @Test
    void aSmallerBitmapIsAddedAsFarAsItReaches() {
        DirtyBlocks small = new DirtyBlocks(3L * BLOCK);
        small.mark(new Extent(BLOCK, 1));
        DirtyBlocks large = new DirtyBlocks(9L * BLOCK);
        large.mark(new Extent(5L * BLOCK, 1));

        large.add(small);
        small.add(large);

        assertThat(large.count()).isEqualTo(2);
        assertThat(small.count()).isEqualTo(1);
    }

    @Test
    void isASet() {
        Random random = new Random(1);
        long size = 70_000L * BLOCK - 100;
        DirtyBlocks blocks = new DirtyBlocks(size);
        BitSet model = new BitSet();
        for (int i = 0; i < 2000; i++) {
            long offset = (long) (random.nextDouble() * (size - 1));
            Extent extent = new Extent(offset, Math.min(size - offset, 1 + random.nextInt(40 * BLOCK)));
            if (random.nextBoolean()) {
                blocks.mark(extent);
                model.set((int) (extent.offset() / BLOCK), (int) Math.ceilDiv(extent.end(), BLOCK));
            } else {
                blocks.clearCovered(extent);
                int first = (int) Math.ceilDiv(extent.offset(), BLOCK);
                int behind = extent.end() == size ? 70_000 : (int) (extent.end() / BLOCK);
                model.clear(first, Math.max(first, behind));
            }
            int from = random.nextInt(70_000);
            int next = model.nextSetBit(from);
            assertThat(blocks.next(from)).isEqualTo(next < 0 ? 70_000 : next);
            assertThat(blocks.count()).isEqualTo(model.cardinality());
        }
    }
}
