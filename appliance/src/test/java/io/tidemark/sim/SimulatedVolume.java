package io.tidemark.sim;

import io.tidemark.journal.Extent;
import io.tidemark.journal.Invariant;
import io.tidemark.volume.Volume;
import java.nio.ByteBuffer;
import java.util.BitSet;
import java.util.Random;
import java.util.function.BiConsumer;

/** A volume whose pages are lost one by one when the power is cut before they were forced. */
final class SimulatedVolume implements Volume {

    private static final int PAGE = 512;

    private final SimulatedDisk disk;
    private final byte[] bytes;
    private final byte[] forced;
    private final BitSet dirty = new BitSet();

    SimulatedVolume(SimulatedDisk disk, int size) {
        this.disk = disk;
        this.bytes = new byte[size];
        this.forced = new byte[size];
    }

    void cutPower(Random random) {
        dirty.stream().forEach(page -> {
            boolean written = random.nextBoolean();
            System.arraycopy(written ? bytes : forced, page * PAGE, written ? forced : bytes, page * PAGE, PAGE);
        });
        dirty.clear();
    }

    @Override
    public long sizeBytes() {
        return bytes.length;
    }

    @Override
    public void read(long offset, ByteBuffer into) {
        into.put(bytes, (int) offset, into.remaining());
    }

    @Override
    public void write(long offset, ByteBuffer from) {
        Invariant.check(offset >= 0 && offset + from.remaining() <= bytes.length, () -> "write at " + offset);
        int at = (int) offset;
        while (from.hasRemaining()) {
            disk.step();
            int length = Math.min(from.remaining(), PAGE - at % PAGE);
            from.get(bytes, at, length);
            dirty.set(at / PAGE);
            at += length;
        }
    }

    @Override
    public void zero(Extent extent, boolean keepAllocated) {
        write(extent.offset(), ByteBuffer.allocate((int) extent.length()));
    }

    @Override
    public void force() {
        disk.step();
        System.arraycopy(bytes, 0, forced, 0, bytes.length);
        dirty.clear();
        disk.step();
    }

    @Override
    public void allocation(Extent extent, BiConsumer<Extent, Boolean> visitor) {
        visitor.accept(extent, true);
    }

    @Override
    public long allocatedBytes() {
        return bytes.length;
    }

    @Override
    public void close() {
        // what was written stays in the page cache
    }
}
