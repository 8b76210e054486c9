package io.tidemark.failover;

import io.tidemark.journal.Extent;
import io.tidemark.journal.extent.ExtentLookup;
import io.tidemark.journal.extent.ExtentMap;
import io.tidemark.volume.FileVolume;
import io.tidemark.volume.FullException;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.file.FileStore;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;

/**
 * What a drill writes to one disk: a sparse file and the map of what is in it. Thrown away with the drill, so nothing of it is
 * durable. Any thread.
 */
final class Scratch implements AutoCloseable {

    /** A part of an extent as the scratch has it. */
    sealed interface Part {
        Extent extent();

        /** Written in the drill. */
        record Written(Extent extent) implements Part {}

        /** Zeroed or trimmed in the drill. */
        record Zeroed(Extent extent) implements Part {}

        /** As the recovery point has it. */
        record Untouched(Extent extent) implements Part {}
    }

    private final Path path;
    private final FileVolume file;
    private final FileStore store;
    private final long keptFreeBytes;
    private final ExtentMap map = new ExtentMap(); // guarded by itself; the place of a byte is its offset plus one

    /** @param keptFreeBytes what it leaves free on the file system, since journals need it more than a drill */
    Scratch(Path path, long sizeBytes, long keptFreeBytes) throws IOException {
        this.path = path;
        this.file = FileVolume.open(path, sizeBytes);
        this.store = Files.getFileStore(path);
        this.keptFreeBytes = keptFreeBytes;
    }

    void write(long offset, ByteBuffer bytes) throws IOException {
        long end = offset + bytes.remaining();
        if (store.getUsableSpace() - bytes.remaining() < keptFreeBytes) {
            throw new FullException(path + ": drills leave " + keptFreeBytes + " bytes of the file system free");
        }
        file.write(offset, bytes);
        synchronized (map) {
            map.put(offset, end, offset + 1);
        }
    }

    void zero(Extent extent) {
        synchronized (map) {
            map.put(extent.offset(), extent.end(), ExtentLookup.ZEROES);
        }
    }

    /** Reads bytes that are written here. */
    void read(Extent extent, ByteBuffer into) throws IOException {
        file.read(extent.offset(), into);
    }

    /** Takes an extent apart, in order. */
    List<Part> parts(Extent extent) {
        List<Part> parts = new ArrayList<>();
        long[] done = {extent.offset()};
        synchronized (map) {
            map.overlapping(extent.offset(), extent.end(), (from, to, place) -> {
                if (done[0] < from) {
                    parts.add(new Part.Untouched(Extent.between(done[0], from)));
                }
                Extent here = Extent.between(from, to);
                parts.add(place == ExtentLookup.ZEROES ? new Part.Zeroed(here) : new Part.Written(here));
                done[0] = to;
            });
        }
        if (done[0] < extent.end()) {
            parts.add(new Part.Untouched(Extent.between(done[0], extent.end())));
        }
        return parts;
    }

    /** Throws it away. */
    @Override
    public void close() throws IOException {
        file.close();
        Files.deleteIfExists(path);
    }
}
