package io.tidemark.failover;

import io.tidemark.journal.Extent;
import io.tidemark.journal.StreamId;
import io.tidemark.resync.DirtyBlocks;
import io.tidemark.resync.DirtyFiles;
import io.tidemark.volume.Volume;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.util.concurrent.locks.ReadWriteLock;
import java.util.concurrent.locks.ReentrantReadWriteLock;
import java.util.function.BiConsumer;

/**
 * The volume of a promoted disk while what it was promoted from is still being copied: a plain volume, and under it the disk at the point.
 *
 * <p>A bitmap says which blocks are still below. A block that something is written to comes up first, as far as the write leaves any of it;
 * all others come up in the background. With none left below it is the plain volume and nothing else.
 *
 * <p>After a crash the file of the bitmap names at least the blocks that are below as of the last {@link #force}, so what a journal has
 * applied up to there is never looked for below, and what is applied or copied again changes nothing.
 */
final class LayeredVolume implements Volume {

    private final StreamId stream;
    private final Volume top;
    private final Below base;
    private final DirtyFiles files;
    private final DirtyBlocks below; // guarded by lock
    private final ReadWriteLock lock = new ReentrantReadWriteLock();
    private volatile boolean plain;

    /** What is under the volume: known when it is first needed, since it may be opened later than this. */
    @FunctionalInterface
    interface Below {
        PointDisk disk() throws IOException;
    }

    LayeredVolume(StreamId stream, Volume top, Below base, DirtyFiles files) throws IOException {
        this.stream = stream;
        this.top = top;
        this.base = base;
        this.files = files;
        below = files.find(stream, top.sizeBytes()).orElseGet(() -> all(top.sizeBytes()));
        plain = below.count() == 0;
    }

    @Override
    public long sizeBytes() {
        return top.sizeBytes();
    }

    /** What is below ends where it did at the point, and reads as zeroes behind that. */
    @Override
    public void growTo(long size) throws IOException {
        lock.writeLock().lock();
        try {
            top.growTo(size);
            below.growTo(size);
        } finally {
            lock.writeLock().unlock();
        }
    }

    @Override
    public void read(long offset, ByteBuffer into) throws IOException {
        if (plain) {
            top.read(offset, into);
            return;
        }
        int start = into.position();
        int limit = into.limit();
        lock.readLock().lock();
        try {
            parts(new Extent(offset, into.remaining()), (part, isBelow) -> {
                into.limit(start + (int) (part.end() - offset));
                into.position(start + (int) (part.offset() - offset));
                if (isBelow) {
                    base.disk().read(part, into);
                } else {
                    top.read(part.offset(), into);
                }
            });
        } finally {
            lock.readLock().unlock();
            into.limit(limit);
        }
    }

    @Override
    public void write(long offset, ByteBuffer from) throws IOException {
        change(new Extent(offset, from.remaining()), () -> top.write(offset, from));
    }

    @Override
    public void zero(Extent extent, boolean keepAllocated) throws IOException {
        change(extent, () -> top.zero(extent, keepAllocated));
    }

    @Override
    public void force() throws IOException {
        if (plain) {
            top.force();
            return;
        }
        DirtyBlocks then;
        lock.readLock().lock();
        try {
            then = below.copy();
        } finally {
            lock.readLock().unlock();
        }
        top.force();
        files.write(stream, then);
    }

    @Override
    public void allocation(Extent extent, BiConsumer<Extent, Boolean> visitor) throws IOException {
        if (plain) {
            top.allocation(extent, visitor);
            return;
        }
        lock.readLock().lock();
        try {
            parts(extent, (part, isBelow) -> {
                if (isBelow) {
                    base.disk().allocation(part, visitor);
                } else {
                    top.allocation(part, visitor);
                }
            });
        } finally {
            lock.readLock().unlock();
        }
    }

    @Override
    public long allocatedBytes() throws IOException {
        return top.allocatedBytes();
    }

    @Override
    public void close() throws IOException {
        top.close();
    }

    /**
     * Brings up the next blocks behind {@code from}, so many bytes of them at the most; where to go on. At the end of the disk none is below any
     * more. Any thread, one at a time.
     */
    long copyUp(long from, int bytesMax) throws IOException {
        lock.writeLock().lock();
        try {
            long first = below.next(from / DirtyBlocks.BLOCK_BYTES);
            long behind = first;
            while (behind < below.blocks()
                    && below.isDirty(behind)
                    && (behind - first + 1) * DirtyBlocks.BLOCK_BYTES <= bytesMax) {
                behind++;
            }
            if (first < behind) {
                Extent extent = below.extent(first, behind);
                bringUp(extent);
                below.clear(first, behind);
            }
            return Math.min(behind * DirtyBlocks.BLOCK_BYTES, sizeBytes());
        } finally {
            lock.writeLock().unlock();
        }
    }

    /** Everything has come up, and is durable on return: what is under it is not needed any more, now or after a crash. */
    void becomePlain() throws IOException {
        force();
        lock.writeLock().lock(); // whoever reads what is below has ended
        try {
            if (below.count() > 0) {
                throw new IllegalStateException(below.count() + " blocks of " + stream + " are still below");
            }
            plain = true;
        } finally {
            lock.writeLock().unlock();
        }
    }

    /** Bytes that are still below. Any thread. */
    long leftBytes() {
        lock.readLock().lock();
        try {
            return below.bytes();
        } finally {
            lock.readLock().unlock();
        }
    }

    private interface Work {
        void run() throws IOException;
    }

    private interface PartVisitor {
        void visit(Extent part, boolean isBelow) throws IOException;
    }

    private void change(Extent extent, Work work) throws IOException {
        if (plain) {
            work.run();
            return;
        }
        lock.writeLock().lock();
        try {
            long first = DirtyBlocks.first(extent);
            long last = DirtyBlocks.behind(extent) - 1;
            bringUpUncovered(first, extent);
            if (last != first) {
                bringUpUncovered(last, extent);
            }
            work.run();
            below.clear(first, last + 1);
        } finally {
            lock.writeLock().unlock();
        }
    }

    /** A block that a change leaves a part of has to be there as a whole. */
    private void bringUpUncovered(long block, Extent change) throws IOException {
        Extent whole = below.extent(block, block + 1);
        boolean covered = change.offset() <= whole.offset() && whole.end() <= change.end();
        if (below.isDirty(block) && !covered) {
            bringUp(whole);
            below.clear(block, block + 1);
        }
    }

    /** Blocks of zeroes take no room above. They are zeroed all the same: a life before may have written there without telling the bitmap. */
    private void bringUp(Extent extent) throws IOException {
        ByteBuffer bytes = ByteBuffer.allocateDirect(Math.toIntExact(extent.length()));
        base.disk().read(extent, bytes);
        for (long at = extent.offset(); at < extent.end(); at += DirtyBlocks.BLOCK_BYTES) {
            Extent block = Extent.between(at, Math.min(at + DirtyBlocks.BLOCK_BYTES, extent.end()));
            ByteBuffer content = bytes.slice((int) (at - extent.offset()), (int) block.length());
            if (isZero(content)) {
                top.zero(block, false);
            } else {
                top.write(at, content);
            }
        }
    }

    /** Nothing was applied yet, or it will be again. */
    private static DirtyBlocks all(long sizeBytes) {
        DirtyBlocks all = new DirtyBlocks(sizeBytes);
        all.markAll();
        return all;
    }

    private static boolean isZero(ByteBuffer bytes) {
        int at = bytes.position();
        while (at + Long.BYTES <= bytes.limit() && bytes.getLong(at) == 0) {
            at += Long.BYTES;
        }
        while (at < bytes.limit() && bytes.get(at) == 0) {
            at++;
        }
        return at == bytes.limit();
    }

    /** Takes the extent apart by where its blocks are. */
    private void parts(Extent extent, PartVisitor visitor) throws IOException {
        long done = extent.offset();
        while (done < extent.end()) {
            long block = done / DirtyBlocks.BLOCK_BYTES;
            boolean isBelow = below.isDirty(block);
            do {
                block++;
            } while (block * DirtyBlocks.BLOCK_BYTES < extent.end() && below.isDirty(block) == isBelow);
            long end = Math.min(extent.end(), block * DirtyBlocks.BLOCK_BYTES);
            visitor.visit(Extent.between(done, end), isBelow);
            done = end;
        }
    }
}
