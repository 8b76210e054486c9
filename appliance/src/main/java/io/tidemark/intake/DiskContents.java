package io.tidemark.intake;

import io.tidemark.journal.Extent;
import io.tidemark.journal.Resolved;
import io.tidemark.journal.Sequence;
import io.tidemark.journal.StreamId;
import io.tidemark.journal.View;
import io.tidemark.volume.DiskReader;
import io.tidemark.volume.Volume;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionException;
import java.util.concurrent.Executor;
import java.util.function.BiConsumer;
import java.util.function.Supplier;

/** Reads disks of a journal as a client would, for this site itself. Calls block, and are not the owner's. */
public final class DiskContents {

    private final View latest;
    private final Supplier<Sequence> applied;
    private final Streams streams;
    private final Executor owner;

    DiskContents(View latest, Supplier<Sequence> applied, Streams streams, Executor owner) {
        this.latest = latest;
        this.applied = applied;
        this.streams = streams;
        this.owner = owner;
    }

    /** Where the bytes of an extent are. */
    private record Found(Resolved resolved, Volume volume) {}

    @FunctionalInterface
    private interface Reading {
        void from(Found found) throws IOException;
    }

    /** Fills the buffer with the bytes of the extent, which are as many as it has room for. */
    public void read(StreamId disk, Extent extent, ByteBuffer into) throws IOException {
        with(disk, extent, found -> DiskReader.read(found.resolved(), found.volume(), into));
    }

    /** Takes the extent apart into data (true) and what is known to read as zeroes (false), in order. */
    public void allocation(StreamId disk, Extent extent, BiConsumer<Extent, Boolean> visitor) throws IOException {
        with(disk, extent, found -> DiskReader.allocation(found.resolved(), found.volume(), visitor));
    }

    private void with(StreamId disk, Extent extent, Reading reading) throws IOException {
        Optional<Found> found;
        try {
            found = CompletableFuture.supplyAsync(() -> find(disk, extent), owner)
                    .join();
        } catch (CompletionException e) {
            throw new IOException("disk " + disk + " cannot be read: " + e.getCause(), e);
        }
        try (Resolved resolved = found.orElseThrow(() -> new IOException("disk " + disk + " is not here any more"))
                .resolved()) {
            reading.from(new Found(resolved, found.get().volume()));
        }
    }

    private Optional<Found> find(StreamId disk, Extent extent) {
        return streams.find(disk)
                .map(stream -> new Found(latest.resolve(disk, extent, applied.get()), stream.volume()));
    }
}
