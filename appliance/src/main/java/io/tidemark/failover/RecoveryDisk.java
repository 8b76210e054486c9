package io.tidemark.failover;

import io.tidemark.failover.Scratch.Part;
import io.tidemark.journal.Extent;
import io.tidemark.volume.DiskReader;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.util.function.BiConsumer;

/** One disk at a recovery point, with what a drill has written on top. Threads that may wait for the disk. */
final class RecoveryDisk {

    private final PointDisk point;
    private final Scratch scratch;

    RecoveryDisk(PointDisk point, Scratch scratch) {
        this.point = point;
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
                case Part.Untouched untouched -> point.read(untouched.extent(), into);
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
                case Part.Untouched untouched -> point.allocation(untouched.extent(), visitor);
            }
        }
    }
}
