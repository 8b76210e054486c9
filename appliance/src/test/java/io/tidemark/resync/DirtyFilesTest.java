package io.tidemark.resync;

import static org.assertj.core.api.Assertions.assertThat;

import io.tidemark.journal.Entries;
import io.tidemark.journal.Extent;
import io.tidemark.journal.StreamId;
import io.tidemark.state.FolderFiles;
import java.io.IOException;
import java.nio.file.Path;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Bitmaps of disks whose size is another one when they are read. */
class DirtyFilesTest {

    private static final int BLOCK = DirtyBlocks.BLOCK_BYTES;
    private static final StreamId STREAM = Entries.stream(1);

    @TempDir
    Path folder;

    private DirtyFiles files;

    @BeforeEach
    void write() throws IOException {
        files = new DirtyFiles(new FolderFiles(folder));
        DirtyBlocks dirty = new DirtyBlocks(10L * BLOCK + 512);
        dirty.mark(new Extent(2L * BLOCK, 1));
        files.write(STREAM, dirty);
    }

    @Test
    void itIsAsItWas() throws IOException {
        assertThat(files.read(STREAM, 10L * BLOCK + 512).count()).isEqualTo(1);
        assertThat(files.find(STREAM, 10L * BLOCK + 512).orElseThrow().isDirty(2))
                .isTrue();
    }

    /** The process died between the record of the growth and the next bitmap. */
    @Test
    void whatADiskHasGrownBySinceCountsAsLacking() throws IOException {
        DirtyBlocks grown = files.read(STREAM, 20L * BLOCK);

        assertThat(grown.next(0)).isEqualTo(2);
        assertThat(grown.next(3)).isEqualTo(10);
        assertThat(grown.count()).isEqualTo(11);
    }

    @Test
    void whatIsBelowAVolumeHasNotGrown() throws IOException {
        assertThat(files.find(STREAM, 20L * BLOCK).orElseThrow().count()).isEqualTo(1);
    }

    /** It was written, and the record of the growth was lost with the power. */
    @Test
    void aBitmapOfALargerDiskIsTakenAsFarAsTheDiskReaches() throws IOException {
        assertThat(files.read(STREAM, 5L * BLOCK).count()).isEqualTo(1);
        assertThat(files.read(STREAM, 2L * BLOCK).count()).isZero();
    }
}
