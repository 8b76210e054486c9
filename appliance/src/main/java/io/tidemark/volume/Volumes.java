package io.tidemark.volume;

import io.tidemark.journal.StreamId;
import java.io.IOException;
import java.nio.file.Path;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.ConcurrentHashMap;

/**
 * The volumes of one journal's streams that are open. Any thread.
 *
 * <p>A stream without a volume is one that is no longer protected; its records are passed over.
 */
public final class Volumes implements AutoCloseable {

    private final VolumeStore store;
    private final Map<StreamId, Volume> open = new ConcurrentHashMap<>();

    /** Those of a folder. */
    public Volumes(Path folder) {
        this(new VolumeFolder(folder));
    }

    public Volumes(VolumeStore store) {
        this.store = store;
    }

    /** Opens the stream's volume, or makes an empty one of this size, or makes a smaller one larger; durably so on return. */
    public synchronized Volume open(StreamId stream, long sizeBytes) throws IOException {
        Volume known = open.get(stream);
        if (known != null && sizeBytes <= known.sizeBytes()) {
            return known;
        }
        Volume volume = known == null ? store.open(stream, sizeBytes) : store.grow(stream, known, sizeBytes);
        open.put(stream, volume);
        return volume;
    }

    /** Makes the stream's volume larger if it is open and smaller; it stays the one it is, also where it cannot be made so large. */
    public synchronized void grow(StreamId stream, long sizeBytes) throws IOException {
        Volume known = open.get(stream);
        if (known != null && known.sizeBytes() < sizeBytes) {
            known.growTo(sizeBytes);
        }
    }

    /** Opens the volume of a stream that has one; one that is gone or cut short is an error, never an empty disk. */
    public synchronized Volume openKnown(StreamId stream, long sizeBytes) throws IOException {
        Volume known = open.get(stream);
        if (known != null) {
            return known;
        }
        Volume volume = store.openKnown(stream, sizeBytes);
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
        store.delete(stream);
    }

    @Override
    public void close() throws IOException {
        for (Volume volume : open.values()) {
            volume.close();
        }
        open.clear();
    }
}
