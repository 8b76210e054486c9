package io.tidemark.failover;

import io.tidemark.journal.Extent;
import io.tidemark.journal.Resolved;
import io.tidemark.journal.StreamId;
import io.tidemark.replica.PointView;
import io.tidemark.volume.DiskReader;
import io.tidemark.volume.Volume;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.util.function.BiConsumer;

/** One disk as a replica has it at a point. Threads that may wait for the disk. */
final class PointDisk {

    private final StreamId stream;
    private final PointView content;
    private final long sizeBytes;
    private final Volume below;

    /** @param sizeBytes that it had at the point; it reads as zeroes behind that */
    PointDisk(StreamId stream, PointView content, long sizeBytes) throws IOException {
        this.stream = stream;
        this.content = content;
        this.sizeBytes = sizeBytes;
        this.below = content.volumes().open(stream, sizeBytes);
    }

    /** Fills the buffer with the bytes of the extent, which are as many as it has room for. */
    void read(Extent extent, ByteBuffer into) throws IOException {
        int limit = into.limit();
        long within = Math.clamp(sizeBytes - extent.offset(), 0, extent.length());
        if (within > 0) {
            into.limit(into.position() + (int) within);
            try (Resolved resolved = content.resolve(stream, new Extent(extent.offset(), within))) {
                DiskReader.read(resolved, below, into);
            }
            into.limit(limit);
        }
        DiskReader.fillWithZeroes(into);
    }

    /** Takes the extent apart into data (true) and what is known to read as zeroes (false), in order. */
    void allocation(Extent extent, BiConsumer<Extent, Boolean> visitor) throws IOException {
        long within = Math.clamp(sizeBytes - extent.offset(), 0, extent.length());
        if (within > 0) {
            try (Resolved resolved = content.resolve(stream, new Extent(extent.offset(), within))) {
                DiskReader.allocation(resolved, below, visitor);
            }
        }
        if (within < extent.length()) {
            visitor.accept(Extent.between(extent.offset() + within, extent.end()), false);
        }
    }
}
