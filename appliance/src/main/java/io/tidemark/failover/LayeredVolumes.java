package io.tidemark.failover;

import io.tidemark.journal.StreamId;
import io.tidemark.resync.DirtyFiles;
import io.tidemark.volume.Volume;
import io.tidemark.volume.VolumeStore;
import java.io.IOException;
import java.util.Optional;
import java.util.function.BiConsumer;
import java.util.function.Function;

/** The volumes of a journal of which some may be promoted and not yet plain. */
final class LayeredVolumes implements VolumeStore {

    private final VolumeStore store;
    private final DirtyFiles files;
    private final Function<StreamId, Optional<LayeredVolume.Below>> below;
    private final BiConsumer<StreamId, LayeredVolume> opened;

    /**
     * @param files the bitmaps of those that are not plain
     * @param below what a volume stands on, if it is not plain
     * @param opened is told of each that is not
     */
    LayeredVolumes(
            VolumeStore store,
            DirtyFiles files,
            Function<StreamId, Optional<LayeredVolume.Below>> below,
            BiConsumer<StreamId, LayeredVolume> opened) {
        this.store = store;
        this.files = files;
        this.below = below;
        this.opened = opened;
    }

    @Override
    public Volume open(StreamId stream, long sizeBytes) throws IOException {
        return layered(stream, store.open(stream, sizeBytes));
    }

    @Override
    public Volume openKnown(StreamId stream, long sizeBytes) throws IOException {
        return layered(stream, store.openKnown(stream, sizeBytes));
    }

    @Override
    public void delete(StreamId stream) throws IOException {
        store.delete(stream);
        files.delete(stream);
    }

    private Volume layered(StreamId stream, Volume volume) throws IOException {
        Optional<LayeredVolume.Below> under = below.apply(stream);
        if (under.isEmpty()) {
            return volume;
        }
        try {
            LayeredVolume layered = new LayeredVolume(stream, volume, under.get(), files);
            opened.accept(stream, layered);
            return layered;
        } catch (IOException e) {
            volume.close();
            throw e;
        }
    }
}
