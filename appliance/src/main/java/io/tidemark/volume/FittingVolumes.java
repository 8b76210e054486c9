package io.tidemark.volume;

import io.tidemark.journal.StreamId;
import java.io.IOException;
import java.nio.channels.FileChannel;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;

/**
 * Volumes in a folder whose file system may be too small for some disk by its own limits. Such a disk has an
 * {@link UnfitVolume}, now and in every later life: what is missing once must not come back as zeroes. So it stops no other
 * disk of its journal.
 */
public final class FittingVolumes implements VolumeStore {

    private static final String TOO_LARGE = "File too large"; // EFBIG: Java tells it in words only

    private final Path folder;
    private final VolumeStore store;

    public FittingVolumes(Path folder) {
        this(folder, new VolumeFolder(folder));
    }

    FittingVolumes(Path folder, VolumeStore store) {
        this.folder = folder;
        this.store = store;
    }

    @Override
    public Volume open(StreamId stream, long sizeBytes) throws IOException {
        if (isUnfit(stream)) {
            return new UnfitVolume(sizeBytes);
        }
        try {
            return store.open(stream, sizeBytes);
        } catch (IOException e) {
            if (!isTooLarge(e)) {
                throw e;
            }
            markUnfit(stream);
            return new UnfitVolume(sizeBytes);
        }
    }

    /** What is to be kept of a disk that has become too large is of no use, so all of it goes. */
    @Override
    public Volume grow(StreamId stream, Volume volume, long sizeBytes) throws IOException {
        try {
            return store.grow(stream, volume, sizeBytes);
        } catch (IOException e) {
            if (!isTooLarge(e)) {
                throw e;
            }
            markUnfit(stream);
            volume.close();
            return new UnfitVolume(sizeBytes);
        }
    }

    @Override
    public Volume openKnown(StreamId stream, long sizeBytes) throws IOException {
        return isUnfit(stream) ? new UnfitVolume(sizeBytes) : store.openKnown(stream, sizeBytes);
    }

    @Override
    public void delete(StreamId stream) throws IOException {
        store.delete(stream);
        if (Files.deleteIfExists(markOf(stream))) {
            try (FileChannel channel = FileChannel.open(folder, StandardOpenOption.READ)) {
                channel.force(true);
            }
        }
    }

    private static boolean isTooLarge(IOException e) {
        return String.valueOf(e.getMessage()).contains(TOO_LARGE);
    }

    private void markUnfit(StreamId stream) throws IOException {
        Files.createFile(markOf(stream));
        store.delete(stream); // forces the folder, and the mark with it
    }

    private boolean isUnfit(StreamId stream) {
        return Files.exists(markOf(stream));
    }

    private Path markOf(StreamId stream) {
        return folder.resolve(stream + ".unfit");
    }
}
