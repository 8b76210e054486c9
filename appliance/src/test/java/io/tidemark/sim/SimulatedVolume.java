package io.tidemark.sim;

import io.tidemark.journal.Extent;
import io.tidemark.journal.Invariant;
import io.tidemark.volume.Volume;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.util.Arrays;
import java.util.BitSet;
import java.util.Random;
import java.util.function.BiConsumer;

/**
 * A volume whose pages are lost one by one when the power is cut before they were forced. After a force that failed all are clean, but not all
 * are on the disk: those are shown until the kernel needs their room, and no other force writes them.
 */
final class SimulatedVolume implements Volume {

    private static final int PAGE = 512;

    private final SimulatedDisk disk;
    private byte[] bytes;
    private byte[] forced;
    private final BitSet dirty = new BitSet();
    private final BitSet lost = new BitSet();
    private boolean named;

    SimulatedVolume(SimulatedDisk disk, int size) {
        this.disk = disk;
        this.bytes = new byte[size];
        this.forced = new byte[size];
    }

    /** It survives a power cut that it exists. */
    void forceName() {
        named = true;
    }

    /** Whether it is still there after a power cut. */
    boolean exists(Random random) {
        named |= random.nextBoolean();
        return named;
    }

    void cutPower(Random random) {
        forget(lost.cardinality());
        dirty.stream().forEach(page -> {
            boolean written = random.nextBoolean();
            System.arraycopy(written ? bytes : forced, page * PAGE, written ? forced : bytes, page * PAGE, PAGE);
        });
        dirty.clear();
    }

    /** The kernel needs room for so many pages. */
    private void forget(int pages) {
        for (int i = 0; i < pages; i++) {
            int page = lost.nextSetBit(0);
            System.arraycopy(forced, page * PAGE, bytes, page * PAGE, PAGE);
            lost.clear(page);
        }
    }

    @Override
    public long sizeBytes() {
        return bytes.length;
    }

    /** A file is as long as it is, whatever of its pages is lost. */
    @Override
    public void growTo(long size) throws IOException {
        if (size > bytes.length) {
            disk.step();
            bytes = Arrays.copyOf(bytes, (int) size);
            forced = Arrays.copyOf(forced, (int) size);
            disk.step();
        }
    }

    @Override
    public void read(long offset, ByteBuffer into) {
        if (!lost.isEmpty() && disk.random().nextBoolean()) {
            forget(1);
        }
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
            lost.clear(at / PAGE);
            at += length;
        }
    }

    @Override
    public void zero(Extent extent, boolean keepAllocated) {
        write(extent.offset(), ByteBuffer.allocate((int) extent.length()));
    }

    @Override
    public void force() throws IOException {
        disk.step();
        boolean fails = disk.failsIn(SimulatedDisk.Part.VOLUME);
        dirty.stream().forEach(page -> {
            if (fails && disk.random().nextBoolean()) {
                lost.set(page);
            } else {
                System.arraycopy(bytes, page * PAGE, forced, page * PAGE, PAGE);
            }
        });
        dirty.clear();
        if (fails) {
            throw new IOException("force of a volume");
        }
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
