package io.tidemark.failover;

import io.tidemark.journal.Extent;
import io.tidemark.journal.StreamId;
import io.tidemark.vm.Disk;
import io.tidemark.volume.Volume;
import io.tidemark.volume.VolumeDrafts;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.util.ArrayList;
import java.util.List;
import java.util.function.BooleanSupplier;

/** Copies a disk that this site ships to a new volume. Blocks. */
final class DiskCopy {

    private static final int READ_BYTES = 1 << 20;

    /** What is looked through for holes at a time. */
    private static final long SURVEY_BYTES = 256L << 20;

    private final Home home;
    private final String peer;
    private final StreamId from;
    private final BooleanSupplier ended;
    private final ByteBuffer buffer = ByteBuffer.allocateDirect(READ_BYTES);

    /** @param ended whether it is not wanted any more */
    DiskCopy(Home home, String peer, StreamId from, BooleanSupplier ended) {
        this.home = home;
        this.peer = peer;
        this.from = from;
        this.ended = ended;
    }

    /**
     * Copies it to be the volume of a disk of the same size. Every block is as it was at some moment meanwhile. The volume is durable when this is true;
     * false, and there is none, when it was not wanted any more.
     */
    boolean into(VolumeDrafts volumes, Disk disk) throws IOException {
        try (Volume volume = volumes.begin(disk.id(), disk.sizeBytes())) {
            for (long at = 0; at < disk.sizeBytes(); at += SURVEY_BYTES) {
                for (Extent data : dataIn(Extent.between(at, Math.min(at + SURVEY_BYTES, disk.sizeBytes())))) {
                    if (!copy(data, volume)) {
                        return false;
                    }
                }
            }
            volume.force();
        }
        volumes.keep(disk.id());
        return true;
    }

    private List<Extent> dataIn(Extent part) throws IOException {
        List<Extent> found = new ArrayList<>();
        home.allocation(peer, from, part, (extent, data) -> {
            if (data) {
                found.add(extent);
            }
        });
        return found;
    }

    private boolean copy(Extent data, Volume volume) throws IOException {
        for (long at = data.offset(); at < data.end(); at += READ_BYTES) {
            if (ended.getAsBoolean()) {
                return false;
            }
            Extent part = Extent.between(at, Math.min(at + READ_BYTES, data.end()));
            buffer.clear().limit((int) part.length());
            home.read(peer, from, part, buffer);
            volume.write(at, buffer.flip());
        }
        return true;
    }
}
