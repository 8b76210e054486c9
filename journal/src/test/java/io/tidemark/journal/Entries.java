package io.tidemark.journal;

import java.nio.ByteBuffer;
import java.util.Random;
import java.util.UUID;

/** Entries for tests, and seeded histories of them. */
public final class Entries {

    public static final int BLOCK = 512;

    private Entries() {}

    public static StreamId stream(int number) {
        return new StreamId(new UUID(0x7465737400000000L, number + 1));
    }

    public static Entry.Write write(StreamId stream, long offset, int length, int fill) {
        return new Entry.Write(stream, Epoch.FIRST, offset, bytes(length, fill));
    }

    public static Entry.Flush flush(StreamId stream) {
        return new Entry.Flush(stream, Epoch.FIRST);
    }

    /** Direct bytes that differ by position and by {@code fill}. */
    public static ByteBuffer bytes(int length, int fill) {
        ByteBuffer bytes = ByteBuffer.allocateDirect(length);
        for (int i = 0; i < length; i++) {
            bytes.put(i, (byte) (fill * 31 + i * 7));
        }
        return bytes;
    }

    /** Any change of a disk of {@code diskBytes}, in blocks. */
    public static Entry.Data change(Random random, StreamId stream, long diskBytes) {
        int blocks = (int) (diskBytes / BLOCK);
        int from = random.nextInt(blocks);
        int length = 1 + random.nextInt(Math.min(16, blocks - from));
        Extent extent = new Extent((long) from * BLOCK, (long) length * BLOCK);
        return switch (random.nextInt(6)) {
            case 0 -> new Entry.Trim(stream, Epoch.FIRST, extent);
            case 1 -> new Entry.Zero(stream, Epoch.FIRST, extent, random.nextBoolean());
            default -> write(stream, extent.offset(), (int) extent.length(), random.nextInt());
        };
    }
}
