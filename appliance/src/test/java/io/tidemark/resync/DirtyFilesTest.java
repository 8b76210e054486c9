package io.tidemark.resync;

import static org.assertj.core.api.Assertions.assertThat;

import io.tidemark.journal.Entries;
import io.tidemark.journal.Extent;
import io.tidemark.journal.Sequence;
import io.tidemark.journal.StreamId;
import io.tidemark.state.FolderFiles;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.Optional;
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
        assertThat(files.read(STREAM, 10L * BLOCK + 512).dirty().count()).isEqualTo(1);
        assertThat(files.find(STREAM, 10L * BLOCK + 512).orElseThrow().isDirty(2))
                .isTrue();
    }

    @Test
    void upToWhichRecordItIsCompleteIsKeptWithIt() throws IOException {
        assertThat(files.read(STREAM, 10L * BLOCK).trackedBehind()).isEmpty();
        DirtyBlocks dirty = new DirtyBlocks(10L * BLOCK + 512);
        dirty.mark(new Extent(10L * BLOCK, 1));

        files.write(STREAM, new Kept(dirty, Optional.of(new Sequence(77))));

        Kept kept = files.read(STREAM, 10L * BLOCK + 512);
        assertThat(kept.trackedBehind()).hasValue(new Sequence(77));
        assertThat(kept.dirty().count()).isEqualTo(1);
        assertThat(kept.dirty().isDirty(10)).isTrue();
        assertThat(files.find(STREAM, 10L * BLOCK + 512).orElseThrow().count()).isEqualTo(1);
    }

    @Test
    void ofADamagedOneEveryBlockIsLacking() throws IOException {
        DirtyBlocks dirty = new DirtyBlocks(10L * BLOCK);
        files.write(STREAM, new Kept(dirty, Optional.of(new Sequence(77))));
        Path file = folder.resolve("dirty/" + STREAM + ".bitmap");
        byte[] good = Files.readAllBytes(file);
        for (int cut = 0; cut < good.length; cut++) {
            Files.write(file, Arrays.copyOf(good, cut));
            assertThat(files.read(STREAM, 10L * BLOCK).dirty().count())
                    .as("cut at %d", cut)
                    .isEqualTo(10);
        }
        for (int at = 0; at < good.length; at++) {
            byte[] damaged = good.clone();
            damaged[at] ^= 4;
            Files.write(file, damaged);
            assertThat(files.read(STREAM, 10L * BLOCK).dirty().count())
                    .as("damaged at %d", at)
                    .isEqualTo(10);
        }
    }

    /** The process died between the record of the growth and the next bitmap. */
    @Test
    void whatADiskHasGrownBySinceCountsAsLacking() throws IOException {
        DirtyBlocks grown = files.read(STREAM, 20L * BLOCK).dirty();

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
        assertThat(files.read(STREAM, 5L * BLOCK).dirty().count()).isEqualTo(1);
        assertThat(files.read(STREAM, 2L * BLOCK).dirty().count()).isZero();
    }
}
