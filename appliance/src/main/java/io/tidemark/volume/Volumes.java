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

    private final Path folder;
    private final Map<StreamId, Volume> open = new ConcurrentHashMap<>();

    public Volumes(Path folder) throws IOException {
        this.folder = folder;
        Files.createDirectories(folder);
    }

    /** Opens the stream's volume, or makes an empty one of this size; its existence is durable on return. */
    public synchronized Volume open(StreamId stream, long sizeBytes) throws IOException {
        Volume known = open.get(stream);
        if (known != null) {
            return known;
        }
        Volume volume = FileVolume.open(fileOf(stream), sizeBytes);
        volume.force();
        forceFolder();
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
