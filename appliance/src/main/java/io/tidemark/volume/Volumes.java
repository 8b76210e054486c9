package io.tidemark.volume;

import io.tidemark.journal.StreamId;
import java.io.IOException;
import java.nio.channels.FileChannel;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.ConcurrentHashMap;

/**
 * The volumes of one journal's streams: a folder with one file each. Any thread.
 *
 * <p>A stream without a volume is one that is no longer protected; its records are passed over.
 */
public final class Volumes implements AutoCloseable {

    /** Opens the file of a volume. */
    @FunctionalInterface
    interface Opening {

        /** Opens it, or makes it unless it is {@code known}. */
        Volume open(Path file, long sizeBytes, boolean known) throws IOException;
    }

    private final Path folder;
    private final Opening opening;
    private final Map<StreamId, Volume> open = new ConcurrentHashMap<>();

    public Volumes(Path folder) throws IOException {
        this(
                folder,
                (file, sizeBytes, known) ->
                        known ? FileVolume.openKnown(file, sizeBytes) : FileVolume.open(file, sizeBytes));
    }

    Volumes(Path folder, Opening opening) throws IOException {
        this.folder = folder;
        this.opening = opening;
        Files.createDirectories(folder);
    }

    /** Opens the stream's volume, or makes an empty one of this size; its existence is durable on return. */
    public synchronized Volume open(StreamId stream, long sizeBytes) throws IOException {
        Volume known = open.get(stream);
        if (known != null) {
            return known;
        }
        Volume volume = opening.open(fileOf(stream), sizeBytes, false);
        try {
            volume.force();
            forceFolder();
        } catch (IOException e) {
            volume.close();
            throw e;
        }
        open.put(stream, volume);
        return volume;
    }

    /** Opens the volume of a stream that has one; one that is gone or cut short is an error, never an empty disk. */
    public synchronized Volume openKnown(StreamId stream, long sizeBytes) throws IOException {
        Volume known = open.get(stream);
        if (known != null) {
            return known;
        }
        Volume volume = opening.open(fileOf(stream), sizeBytes, true);
        open.put(stream, volume);
        return volume;
    }

    public Optional<Volume> find(StreamId stream) {
        return Optional.ofNullable(open.get(stream));
    }

    /** Closes and deletes the stream's volume, if it has one. */
    public synchronized void delete(StreamId stream) throws IOException {
        Volume volume = open.remove(stream);
        if (volume != null) {
            volume.close();
        }
        Files.deleteIfExists(fileOf(stream));
        forceFolder();
    }

    @Override
    public void close() throws IOException {
        for (Volume volume : open.values()) {
            volume.close();
        }
        open.clear();
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
