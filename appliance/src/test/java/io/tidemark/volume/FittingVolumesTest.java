package io.tidemark.volume;

import static io.tidemark.journal.Entries.stream;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.tidemark.journal.StreamId;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.file.Path;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class FittingVolumesTest {

    private static final long SMALL = 1 << 16;
    private static final long LARGE = 1L << 40;

    @TempDir
    Path folder;

    private FittingVolumes volumes;

    @BeforeEach
    void open() {
        volumes = new FittingVolumes(folder, new VolumeFolder(folder, FittingVolumesTest::open));
    }

    @Test
    void whatFitsIsAVolumeAsEver() throws IOException {
        try (Volume volume = volumes.open(stream(0), SMALL)) {
            assertThat(volume).isInstanceOf(FileVolume.class);
        }
    }

    @Test
    void whatDoesNotFitIsNeverReadAndStaysSo() throws IOException {
        Volume volume = volumes.open(stream(0), LARGE);
        volume.write(0, ByteBuffer.allocate(512));
        volume.force();
        assertThatThrownBy(() -> volume.read(0, ByteBuffer.allocate(512))).hasMessageContaining("does not fit");

        // When: the same folder on a file system that is larger
        volumes = new FittingVolumes(folder);

        // Then
        assertThat(volumes.open(stream(0), SMALL)).isInstanceOf(UnfitVolume.class);
        assertThat(volumes.openKnown(stream(0), SMALL)).isInstanceOf(UnfitVolume.class);
    }

    @Test
    void whatIsGrownBeyondWhatFitsIsNoVolumeFromThenOn() throws IOException {
        VolumeFolder small = new VolumeFolder(folder);
        volumes = new FittingVolumes(folder, new VolumeStore() {
            @Override
            public Volume open(StreamId stream, long sizeBytes) throws IOException {
                return small.open(stream, sizeBytes);
            }

            @Override
            public Volume openKnown(StreamId stream, long sizeBytes) throws IOException {
                return small.openKnown(stream, sizeBytes);
            }

            @Override
            public Volume grow(StreamId stream, Volume volume, long sizeBytes) throws IOException {
                throw new IOException("File too large");
            }

            @Override
            public void delete(StreamId stream) throws IOException {
                small.delete(stream);
            }
        });
        Volume volume = volumes.open(stream(0), SMALL);

        // When
        Volume grown = volumes.grow(stream(0), volume, LARGE);

        // Then
        assertThat(grown).isInstanceOf(UnfitVolume.class);
        assertThat(grown.sizeBytes()).isEqualTo(LARGE);
        assertThat(new FittingVolumes(folder).openKnown(stream(0), LARGE)).isInstanceOf(UnfitVolume.class);
        assertThat(small.has(stream(0))).isFalse();
    }

    @Test
    void whenItIsDeletedNothingIsLeftOfIt() throws IOException {
        volumes.open(stream(0), LARGE).close();

        // When
        volumes.delete(stream(0));

        // Then
        assertThat(folder).isEmptyDirectory();
    }

    private static Volume open(Path file, long sizeBytes, boolean known) throws IOException {
        if (sizeBytes == LARGE) {
            throw new IOException("File too large");
        }
        return FileVolume.open(file, sizeBytes);
    }
}
