package io.tidemark.journal.segment;

import io.tidemark.journal.Fault;
import io.tidemark.journal.Lease;
import java.io.IOException;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.nio.channels.FileChannel;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.concurrent.atomic.AtomicInteger;

/**
 * A read-only mapping of a whole file that stays until its last lease is closed. Any thread.
 *
 * <p>This is what truly crosses threads: a slice of it may be on its way to a socket while its segment is deleted. The
 * file may be unlinked meanwhile, or cut behind what the slices cover.
 */
public final class SegmentMap {

    private final Arena arena = Arena.ofShared();
    private final MemorySegment bytes;
    private final AtomicInteger users = new AtomicInteger(1);

    private SegmentMap(FileChannel channel) throws IOException {
        bytes = channel.map(FileChannel.MapMode.READ_ONLY, 0, channel.size(), arena)
                .asReadOnly();
    }

    /** Maps the file; the caller has the first use of it and gives it up with {@link #close}. */
    public static SegmentMap of(Path file) throws IOException {
        try (FileChannel channel = FileChannel.open(file, StandardOpenOption.READ)) {
            return new SegmentMap(channel);
        }
    }

    /** Only while a lease, or the first use, is held. */
    public MemorySegment bytes() {
        return bytes;
    }

    /** Another use of the mapping. */
    public Lease lease() {
        int before = users.getAndUpdate(n -> n == 0 ? 0 : n + 1);
        if (before == 0) {
            throw new Fault("lease on a mapping that is closed");
        }
        AtomicBoolean open = new AtomicBoolean(true);
        return () -> {
            if (open.compareAndSet(true, false)) {
                release();
            }
        };
    }

    /** Gives up the first use, once. Returns whether the mapping is gone; else it goes with the last lease. */
    public boolean close() {
        return release();
    }

    private boolean release() {
        boolean last = users.decrementAndGet() == 0;
        if (last) {
            arena.close();
        }
        return last;
    }
}
