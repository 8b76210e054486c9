package io.tidemark.failover;

import io.tidemark.failover.Scratch.Part;
import io.tidemark.journal.Extent;
import io.tidemark.journal.Resolved;
import io.tidemark.journal.StreamId;
import io.tidemark.replica.HeldPoint;
import io.tidemark.volume.DiskReader;
import io.tidemark.volume.Volume;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.util.function.BiConsumer;

/** One disk at a recovery point, with what a drill has written on top. Threads that may wait for the disk. */
final class RecoveryDisk {

    private final StreamId stream;
    private final HeldPoint point;
    private final Volume below;
    private final Scratch scratch;

    RecoveryDisk(StreamId stream, HeldPoint point, Volume below, Scratch scratch) {
        this.stream = stream;
        this.point = point;
        this.below = below;
        this.scratch = scratch;
    }

    void read(long offset, ByteBuffer into) throws IOException {
        int start = into.position();
        int limit = into.limit();
        for (Part part : scratch.parts(new Extent(offset, into.remaining()))) {
            into.position(start + (int) (part.extent().offset() - offset));
            into.limit(start + (int) (part.extent().end() - offset));
            switch (part) {
                case Part.Written written -> scratch.read(written.extent(), into);
                case Part.Zeroed zeroed -> DiskReader.fillWithZeroes(into);
                case Part.Untouched untouched -> readPoint(untouched.extent(), into);
            }
            into.limit(limit);
        }
    }

    void write(long offset, ByteBuffer bytes) throws IOException {
        scratch.write(offset, bytes);
    }

    void zero(Extent extent) {
        scratch.zero(extent);
    }

    /** Takes the extent apart into data (true) and what is known to read as zeroes (false), in order. */
    void allocation(Extent extent, BiConsumer<Extent, Boolean> visitor) throws IOException {
        for (Part part : scratch.parts(extent)) {
            switch (part) {
                case Part.Written written -> visitor.accept(written.extent(), true);
                case Part.Zeroed zeroed -> visitor.accept(zeroed.extent(), false);
                case Part.Untouched untouched -> {
                    try (Resolved resolved = resolve(untouched.extent())) {
                        DiskReader.allocation(resolved, below, visitor);
                    }
                }
            }
        }
    }

    private void readPoint(Extent extent, ByteBuffer into) throws IOException {
        try (Resolved resolved = resolve(extent)) {
            DiskReader.read(resolved, below, into);
        }
    }

    private Resolved resolve(Extent extent) {
        return point.view().resolve(stream, extent, point.applied().get());
    }
}
