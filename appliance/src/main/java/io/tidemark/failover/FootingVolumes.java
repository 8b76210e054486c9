package io.tidemark.failover;

import io.tidemark.journal.StreamId;
import io.tidemark.volume.NotYetException;
import io.tidemark.volume.Volume;
import io.tidemark.volume.VolumeStore;
import java.io.IOException;
import java.util.function.Predicate;

/** The volumes of a replica, none of which is opened while what it begins with is still being copied. */
final class FootingVolumes implements VolumeStore {

    private final VolumeStore store;
    private final Predicate<StreamId> making;

    FootingVolumes(VolumeStore store, Predicate<StreamId> making) {
        this.store = store;
        this.making = making;
    }

    @Override
    public Volume open(StreamId stream, long sizeBytes) throws IOException {
        requireMade(stream);
        return store.open(stream, sizeBytes);
    }

    @Override
    public Volume openKnown(StreamId stream, long sizeBytes) throws IOException {
        requireMade(stream);
        return store.openKnown(stream, sizeBytes);
    }

    @Override
    public Volume grow(StreamId stream, Volume volume, long sizeBytes) throws IOException {
        return store.grow(stream, volume, sizeBytes);
    }

    @Override
    public void delete(StreamId stream) throws IOException {
        store.delete(stream);
    }

    private void requireMade(StreamId stream) throws IOException {
        if (making.test(stream)) {
            throw new NotYetException("what disk " + stream + " begins with is being copied");
        }
    }
}
