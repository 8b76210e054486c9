package io.tidemark.volume;

import io.tidemark.journal.Extent;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.util.function.BiConsumer;

/** In the place of a volume that the file system cannot hold: takes what comes and keeps nothing, and never says otherwise. */
public final class UnfitVolume implements Volume {

    private volatile long sizeBytes;

    UnfitVolume(long sizeBytes) {
        this.sizeBytes = sizeBytes;
    }

    @Override
    public long sizeBytes() {
        return sizeBytes;
    }

    @Override
    public synchronized void growTo(long size) {
        sizeBytes = Math.max(sizeBytes, size);
    }

    @Override
    public void read(long offset, ByteBuffer into) throws IOException {
        throw unfit();
    }

    @Override
    public void write(long offset, ByteBuffer from) {
        // nothing of it is offered
    }

    @Override
    public void zero(Extent extent, boolean keepAllocated) {
        // nothing of it is offered
    }

    @Override
    public void force() {
        // there is nothing
    }

    @Override
    public void allocation(Extent extent, BiConsumer<Extent, Boolean> visitor) throws IOException {
        throw unfit();
    }

    @Override
    public long allocatedBytes() {
        return 0;
    }

    @Override
    public void close() {
        // there is nothing
    }

    private IOException unfit() {
        return new IOException("a volume of " + sizeBytes + " bytes does not fit the file system here");
    }
}
