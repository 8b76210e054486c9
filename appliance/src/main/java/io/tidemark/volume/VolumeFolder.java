package io.tidemark.volume;

import io.tidemark.journal.StreamId;
import java.io.IOException;
import java.nio.channels.FileChannel;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.nio.file.StandardOpenOption;

/** Volumes as files of a folder, one each. The folder is made when it is first needed. */
public final class VolumeFolder implements VolumeStore, VolumeDrafts {

    /** Opens the file of a volume. */
    @FunctionalInterface
    interface Opening {

        /** Opens it, or makes it unless it is {@code known}. */
        Volume open(Path file, long sizeBytes, boolean known) throws IOException;
    }

    private final Path folder;
    private final Opening opening;

    public VolumeFolder(Path folder) {
        this(
                folder,
                (file, sizeBytes, known) ->
                        known ? FileVolume.openKnown(file, sizeBytes) : FileVolume.open(file, sizeBytes));
    }

    VolumeFolder(Path folder, Opening opening) {
        this.folder = folder;
        this.opening = opening;
    }

    @Override
    public Volume open(StreamId stream, long sizeBytes) throws IOException {
        Files.createDirectories(folder);
        Volume volume = opening.open(fileOf(stream), sizeBytes, false);
        try {
            volume.force();
            forceFolder();
        } catch (IOException e) {
            volume.close();
            throw e;
        }
        return volume;
    }

    @Override
    public Volume openKnown(StreamId stream, long sizeBytes) throws IOException {
        return opening.open(fileOf(stream), sizeBytes, true);
    }

    @Override
    public void delete(StreamId stream) throws IOException {
        Files.createDirectories(folder);
        Files.deleteIfExists(fileOf(stream));
        forceFolder();
    }

    @Override
    public boolean has(StreamId stream) {
        return Files.exists(fileOf(stream));
    }

    @Override
    public Volume begin(StreamId stream, long sizeBytes) throws IOException {
        Files.createDirectories(folder);
        Files.deleteIfExists(draftOf(stream));
        return opening.open(draftOf(stream), sizeBytes, false);
    }

    @Override
    public void keep(StreamId stream) throws IOException {
        Files.move(draftOf(stream), fileOf(stream), StandardCopyOption.ATOMIC_MOVE);
        forceFolder();
    }

    /** A file of the same file system becomes the stream's volume, durably on return. After a crash in the middle it is that, or what it was. */
    public void adopt(StreamId stream, Path file) throws IOException {
        Files.createDirectories(folder);
        try (FileChannel channel = FileChannel.open(file, StandardOpenOption.WRITE)) {
            channel.force(true);
        }
        Files.move(file, fileOf(stream), StandardCopyOption.ATOMIC_MOVE);
        forceFolder();
    }

    private Path draftOf(StreamId stream) {
        return folder.resolve(stream + ".draft");
    }

    private Path fileOf(StreamId stream) {
        return folder.resolve(stream + ".raw");
    }

    private void forceFolder() throws IOException {
        try (FileChannel channel = FileChannel.open(folder, StandardOpenOption.READ)) {
            channel.force(true);
        }
    }
}
