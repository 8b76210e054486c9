package io.tidemark.volume;

import static io.tidemark.journal.Entries.bytes;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.tidemark.journal.Extent;
import io.tidemark.journal.Fault;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.channels.ClosedChannelException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Random;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.concurrent.atomic.AtomicReference;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class FileVolumeTest {

    private static final int MIB = 1 << 20;
    private static final int SIZE = 8 * MIB;

    @TempDir
    Path folder;

    private FileVolume volume;

    @BeforeEach
    void open() throws IOException {
        volume = FileVolume.open(folder.resolve("disk.raw"), SIZE);
    }

    @AfterEach
    void close() throws IOException {
        volume.close();
    }

    @Test
    void aNewVolumeIsOneHoleThatReadsAsZeroes() throws IOException {
        assertThat(volume.allocatedBytes()).isZero();
        assertThat(allocation(new Extent(0, SIZE))).containsExactly("0+8388608 hole");
        assertThat(read(SIZE - 4096, 4096)).isEqualTo(new byte[4096]);
    }

    @Test
    void whatItIsGrownByReadsAsZeroesAndTakesNoRoom() throws IOException {
        volume.write(SIZE - 5, bytes(5, 9));

        // When
        volume.growTo(SIZE + MIB);
        volume.growTo(SIZE);

        // Then
        assertThat(volume.sizeBytes()).isEqualTo(SIZE + MIB);
        assertThat(read(SIZE, MIB)).isEqualTo(new byte[MIB]);
        assertThat(allocation(new Extent(SIZE, MIB))).containsExactly(SIZE + "+" + MIB + " hole");
        volume.write(SIZE + MIB - 5, bytes(5, 8));
        assertThat(read(SIZE + MIB - 5, 5)).isEqualTo(array(bytes(5, 8)));
        assertThat(read(SIZE - 5, 5)).isEqualTo(array(bytes(5, 9)));
        try (FileVolume again = FileVolume.openKnown(folder.resolve("disk.raw"), SIZE + MIB)) {
            assertThat(again.sizeBytes()).isEqualTo(SIZE + MIB);
        }
    }

    /** Its file may be gone, and must not come back. */
    @Test
    void oneThatIsClosedIsNotGrown() throws IOException {
        volume.close();
        Files.delete(folder.resolve("disk.raw"));

        assertThatThrownBy(() -> volume.growTo(2 * SIZE)).isInstanceOf(ClosedChannelException.class);
        assertThat(folder).isEmptyDirectory();
    }

    @Test
    void bytesAreReadAsTheyWereWrittenToTheLast() throws IOException {
        // When
        volume.write(SIZE - 5, bytes(5, 9));

        // Then
        assertThat(read(SIZE - 5, 5)).isEqualTo(array(bytes(5, 9)));
        assertThat(read(SIZE - 6, 1)).isEqualTo(new byte[1]);
    }

    @Test
    void trimmedBytesBecomeAHole() throws IOException {
        volume.write(0, bytes(4 * MIB, 1));

        // When
        volume.zero(new Extent(MIB, MIB), false);

        // Then
        assertThat(read(MIB, MIB)).isEqualTo(new byte[MIB]);
        assertThat(allocation(new Extent(0, 4 * MIB)))
                .containsExactly("0+1048576 data", "1048576+1048576 hole", "2097152+2097152 data");
        assertThat(volume.allocatedBytes()).isEqualTo(3 * MIB);
    }

    @Test
    void zeroesThatKeepTheirRoomReadAsZeroes() throws IOException {
        volume.write(0, bytes(2 * MIB, 1));

        // When
        volume.zero(new Extent(4096, MIB), true);

        // Then
        assertThat(read(4096, MIB)).isEqualTo(new byte[MIB]);
        assertThat(read(0, 4096)).isEqualTo(array(bytes(2 * MIB, 1), 0, 4096));
        assertThat(read(4096 + MIB, 4096)).isEqualTo(array(bytes(2 * MIB, 1), 4096 + MIB, 4096));
    }

    @Test
    void zeroingUnalignedBytesLeavesTheirNeighbours() throws IOException {
        ByteBuffer before = bytes(3 * 4096, 3);
        volume.write(0, before.duplicate());

        for (boolean keep : new boolean[] {true, false}) {
            // When
            volume.zero(new Extent(4095, 4098), keep);

            // Then
            byte[] expected = array(before);
            Arrays.fill(expected, 4095, 4095 + 4098, (byte) 0);
            assertThat(read(0, 3 * 4096)).isEqualTo(expected);
            volume.write(0, before.duplicate());
        }
    }

    @Test
    void allocationStopsAtTheEndsOfTheExtent() throws IOException {
        volume.write(MIB, bytes(MIB, 1));

        assertThat(allocation(new Extent(MIB + 512, 1024))).containsExactly(MIB + 512 + "+1024 data");
        assertThat(allocation(new Extent(MIB - 512, 1024))).containsExactly(MIB - 512 + "+512 hole", MIB + "+512 data");
        assertThat(allocation(new Extent(SIZE - 512, 512))).containsExactly(SIZE - 512 + "+512 hole");
    }

    @Test
    void whatIsThereSurvivesReopening() throws IOException {
        volume.write(MIB, bytes(4096, 7));
        volume.force();
        volume.close();

        // When
        volume = FileVolume.open(folder.resolve("disk.raw"), SIZE);

        // Then
        assertThat(read(MIB, 4096)).isEqualTo(array(bytes(4096, 7)));
        assertThat(Files.size(folder.resolve("disk.raw"))).isEqualTo(SIZE);
    }

    @Test
    void nothingIsWrittenBehindTheEnd() throws IOException {
        assertThatThrownBy(() -> volume.write(SIZE - 511, bytes(512, 1)))
                .isInstanceOf(Fault.class)
                .hasMessageContaining("disk.raw");
        assertThatThrownBy(() -> volume.zero(new Extent(SIZE, 1), true)).isInstanceOf(Fault.class);
        assertThat(Files.size(folder.resolve("disk.raw"))).isEqualTo(SIZE);
    }

    @Test
    void aClosedVolumeTouchesNoOtherFile() throws IOException {
        // When: the number of the closed descriptor belongs to another file
        volume.close();
        try (FileVolume other = FileVolume.open(folder.resolve("other.raw"), SIZE)) {
            other.write(0, bytes(MIB, 1));

            // Then
            assertThatThrownBy(() -> volume.zero(new Extent(0, MIB), false)).isInstanceOf(ClosedChannelException.class);
            assertThatThrownBy(() -> allocation(new Extent(0, MIB))).isInstanceOf(ClosedChannelException.class);
            ByteBuffer found = ByteBuffer.allocate(MIB);
            other.read(0, found);
            assertThat(found.array()).isEqualTo(array(bytes(MIB, 1)));
        }
    }

    @Test
    void allocationIsWholeWhileHolesComeAndGo() throws Exception {
        AtomicBoolean stop = new AtomicBoolean();
        AtomicReference<Throwable> failure = new AtomicReference<>();
        Thread changing = new Thread(() -> {
            Random random = new Random(4);
            try {
                while (!stop.get()) {
                    int at = random.nextInt(64) * 4096;
                    volume.write(at, bytes(4096, 1));
                    volume.zero(new Extent((at + 4096L * random.nextInt(8)) % (64 * 4096), 4096), false);
                }
            } catch (IOException | RuntimeException e) {
                failure.set(e);
            }
        });
        changing.start();

        // When, Then: each answer covers the extent without overlap, whatever is true at the moment
        try {
            for (int i = 0; i < 2000; i++) {
                long[] end = {0};
                volume.allocation(new Extent(0, 65 * 4096), (extent, data) -> {
                    assertThat(extent.offset()).isEqualTo(end[0]);
                    end[0] = extent.end();
                });
                assertThat(end[0]).isEqualTo(65 * 4096);
            }
        } finally {
            stop.set(true);
            changing.join();
        }
        assertThat(failure.get()).isNull();
    }

    private List<String> allocation(Extent extent) throws IOException {
        List<String> parts = new ArrayList<>();
        volume.allocation(
                extent, (part, data) -> parts.add(part.offset() + "+" + part.length() + (data ? " data" : " hole")));
        return parts;
    }

    private byte[] read(long offset, int length) throws IOException {
        ByteBuffer into = ByteBuffer.allocate(length);
        volume.read(offset, into);
        return into.array();
    }

    private static byte[] array(ByteBuffer bytes) {
        return array(bytes, 0, bytes.limit());
    }

    private static byte[] array(ByteBuffer bytes, int from, int length) {
        byte[] array = new byte[length];
        bytes.duplicate().get(from, array);
        return array;
    }
}
