package io.tidemark.failover;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.tidemark.journal.Entries;
import io.tidemark.journal.Extent;
import io.tidemark.journal.Lease;
import io.tidemark.journal.Piece;
import io.tidemark.journal.Resolved;
import io.tidemark.journal.Sequence;
import io.tidemark.journal.StreamId;
import io.tidemark.journal.Tail;
import io.tidemark.journal.View;
import io.tidemark.replica.PointView;
import io.tidemark.resync.DirtyBlocks;
import io.tidemark.resync.DirtyFiles;
import io.tidemark.state.FolderFiles;
import io.tidemark.volume.FileVolume;
import io.tidemark.volume.VolumeFolder;
import io.tidemark.volume.Volumes;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.Random;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** A volume over a point reads as one disk, whatever has come up, and after a crash too. */
class LayeredVolumeTest {

    private static final StreamId STREAM = Entries.stream(1);
    private static final int BLOCK = DirtyBlocks.BLOCK_BYTES;
    private static final int SIZE = 10 * BLOCK + 4096; // the last block is a short one
    private static final int COPY_BYTES = 2 * BLOCK;

    @TempDir
    Path folder;

    private final Random random = new Random(1);
    private final byte[] expected = new byte[SIZE];
    private Volumes point;
    private LayeredVolume volume;
    private boolean baseIsGone;

    @BeforeEach
    void open() throws IOException {
        random.nextBytes(expected);
        Arrays.fill(expected, 3 * BLOCK, 5 * BLOCK, (byte) 0);
        point = new Volumes(new VolumeFolder(folder.resolve("point")));
        point.open(STREAM, SIZE).write(0, ByteBuffer.wrap(expected));
        volume = opened();
    }

    @AfterEach
    void close() throws IOException {
        volume.close();
        point.close();
    }

    @Test
    void itReadsAsThePointUntilItIsWrittenTo() throws IOException {
        assertThat(read(0, SIZE)).isEqualTo(expected);
        assertThat(read(BLOCK - 5, 2 * BLOCK)).isEqualTo(Arrays.copyOfRange(expected, BLOCK - 5, 3 * BLOCK - 5));
        assertThat(volume.leftBytes()).isEqualTo(SIZE);
    }

    @Test
    void aWriteKeepsWhatItLeavesOfItsBlocks() throws IOException {
        // When: in a block, over some, in the last
        write(100, 50);
        write(2 * BLOCK - 7, 2 * BLOCK);
        write(SIZE - 10, 10);
        zero(6 * BLOCK + 1, BLOCK);

        // Then
        assertThat(read(0, SIZE)).isEqualTo(expected);
        assertThat(volume.leftBytes()).isLessThan(SIZE);
    }

    @Test
    void atTheEndOfTheCopyItIsThePlainVolumeAndNeedsNothingElse() throws IOException {
        write(BLOCK + 9, 3 * BLOCK);
        copyAll();

        // When
        volume.becomePlain();
        baseIsGone = true;

        // Then
        assertThat(read(0, SIZE)).isEqualTo(expected);
        write(77, 5000);
        assertThat(read(0, SIZE)).isEqualTo(expected);
        volume.close();
        volume = opened();
        assertThat(read(0, SIZE)).isEqualTo(expected);
    }

    @Test
    void itDoesNotBecomePlainBeforeThat() throws IOException {
        volume.copyUp(0, COPY_BYTES);

        assertThatThrownBy(volume::becomePlain).isInstanceOf(IllegalStateException.class);
    }

    @Test
    void zeroesOfThePointTakeNoRoom() throws IOException {
        copyAll();
        volume.force();

        assertThat(volume.allocatedBytes()).isLessThanOrEqualTo(SIZE - 2 * BLOCK + 4096);
    }

    @Test
    void itTellsHolesOfBothLayers() throws IOException {
        zero(6 * BLOCK, 2 * BLOCK);
        long[] holes = {0};

        // When
        volume.allocation(new Extent(0, SIZE), (part, data) -> holes[0] += data ? 0 : part.length());

        // Then: what was zeroed here; at the point they were written
        assertThat(holes[0]).isEqualTo(2 * BLOCK);
    }

    /** A crash loses the bitmap of what came up since the last force; a journal then applies again what it had applied since. */
    @Test
    void whateverACrashLeavesIsTheDiskAgainOnceTheJournalIsAppliedAgain() throws IOException {
        for (int round = 0; round < 60; round++) {
            List<int[]> changes = List.of(change(), change(), change());
            apply(changes);
            if (random.nextBoolean()) {
                volume.copyUp(random.nextInt(SIZE), COPY_BYTES);
            }
            boolean forced = random.nextInt(3) == 0;
            if (forced) {
                volume.force();
            }

            // When: the process dies; the file keeps what was written to it
            volume.close();
            volume = opened();
            if (!forced) {
                apply(changes);
            }

            // Then
            assertThat(read(0, SIZE)).as("round " + round).isEqualTo(expected);
            volume.force();
        }
    }

    /** The short last block of the point is a longer one, or no longer the last. */
    @Test
    void whatItIsGrownByReadsAsZeroesAndTheRestAsBefore() throws IOException {
        for (int size : new int[] {SIZE + 512, SIZE + 3 * BLOCK}) {
            byte[] grown = Arrays.copyOf(expected, size);

            // When
            volume.growTo(size);

            // Then
            assertThat(read(0, size)).isEqualTo(grown);
            assertThat(volume.leftBytes()).isGreaterThanOrEqualTo(SIZE);
        }

        // When it is written to around the old end, and another life begins on a bitmap from before that
        volume.force();
        byte[] bytes = new byte[100];
        random.nextBytes(bytes);
        volume.write(SIZE - 50, ByteBuffer.wrap(bytes));
        byte[] all = Arrays.copyOf(expected, SIZE + 3 * BLOCK);
        System.arraycopy(bytes, 0, all, SIZE - 50, 100);
        assertThat(read(0, all.length)).isEqualTo(all);
        volume.close();
        volume = opened();
        volume.growTo(all.length);
        volume.write(SIZE - 50, ByteBuffer.wrap(bytes)); // applied again

        // Then
        assertThat(read(0, all.length)).isEqualTo(all);
        for (long done = 0; done < SIZE; ) {
            done = volume.copyUp(done, COPY_BYTES);
        }
        volume.becomePlain();
        baseIsGone = true;
        assertThat(read(0, all.length)).isEqualTo(all);
    }

    /** What the bitmap calls present must be on stable storage. */
    @Test
    void aBitmapThatCouldNotBeWrittenIsAFailedForce() throws IOException {
        write(0, 10);
        Files.createDirectories(folder.resolve("layers/dirty/" + STREAM + ".bitmap/in-the-way"));

        assertThatThrownBy(volume::force).isInstanceOf(IOException.class);
    }

    /** It would be taken for a disk on which nothing was ever written. */
    @Test
    void aDamagedBitmapKeepsTheVolumeFromBeingOpened() throws IOException {
        write(0, 10);
        volume.force();
        Path bitmap = folder.resolve("layers/dirty/" + STREAM + ".bitmap");
        byte[] bytes = Files.readAllBytes(bitmap);
        bytes[20] ^= 1;
        Files.write(bitmap, bytes);

        assertThatThrownBy(this::opened).isInstanceOf(IOException.class);
    }

    private int[] change() {
        int length = 1 + random.nextInt(3 * BLOCK);
        return new int[] {random.nextInt(SIZE - length), length, random.nextInt()};
    }

    private void apply(List<int[]> changes) throws IOException {
        for (int[] change : changes) {
            byte[] bytes = new byte[change[1]];
            if (change[2] % 4 != 0) {
                new Random(change[2]).nextBytes(bytes);
                volume.write(change[0], ByteBuffer.wrap(bytes));
            } else {
                volume.zero(new Extent(change[0], change[1]), false);
            }
            System.arraycopy(bytes, 0, expected, change[0], bytes.length);
        }
    }

    private void write(int offset, int length) throws IOException {
        byte[] bytes = new byte[length];
        random.nextBytes(bytes);
        volume.write(offset, ByteBuffer.wrap(bytes));
        System.arraycopy(bytes, 0, expected, offset, length);
    }

    private void zero(int offset, int length) throws IOException {
        volume.zero(new Extent(offset, length), false);
        Arrays.fill(expected, offset, offset + length, (byte) 0);
    }

    private byte[] read(int offset, int length) throws IOException {
        ByteBuffer bytes = ByteBuffer.allocate(length);
        volume.read(offset, bytes);
        assertThat(bytes.hasRemaining()).isFalse();
        return bytes.array();
    }

    private void copyAll() throws IOException {
        for (long done = 0; done < SIZE; ) {
            done = volume.copyUp(done, COPY_BYTES);
        }
    }

    private LayeredVolume opened() throws IOException {
        View nothingInTheJournal =
                (stream, extent, above) -> new Resolved(List.of(new Piece.Below(extent)), Lease.NONE);
        PointView content = new PointView(nothingInTheJournal, point, () -> Sequence.NONE, new NothingBehind());
        return new LayeredVolume(
                STREAM,
                FileVolume.open(folder.resolve("top.raw"), SIZE),
                () -> {
                    if (baseIsGone) {
                        throw new IOException("it is gone");
                    }
                    return new PointDisk(STREAM, content, SIZE);
                },
                new DirtyFiles(new FolderFiles(folder.resolve("layers"))));
    }

    private static final class NothingBehind implements PointView.Behind {
        @Override
        public Map<StreamId, Tail> tails() {
            return Map.of();
        }
    }
}
