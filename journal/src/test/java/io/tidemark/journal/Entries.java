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

    /** Any entry at all, with any legal fields. */
    public static Entry any(Random random) {
        StreamId stream = new StreamId(new UUID(random.nextLong(), random.nextLong()));
        Epoch epoch = new Epoch(random.nextLong(Long.MAX_VALUE));
        Side side = random.nextBoolean() ? Side.INTAKE : Side.SHIP;
        return switch (random.nextInt(15)) {
            case 0 -> new Entry.Zero(stream, epoch, extent(random), random.nextBoolean(), shipping(random));
            case 1 -> new Entry.Trim(stream, epoch, extent(random), shipping(random));
            case 2 -> new Entry.Flush(stream, epoch);
            case 3 -> new Entry.Cut();
            case 4 -> new Entry.CopyBegin(stream, epoch, side);
            case 5 -> new Entry.CopyEnd(stream, epoch, side, random.nextBoolean() ? "" : "Zoë: " + random.nextInt());
            case 6 -> new Entry.Gap(stream, new Sequence(random.nextInt() & 0xffff), "lost – " + random.nextInt());
            case 7 -> new Entry.AwaitRestart(stream);
            case 8 -> new Entry.GuestRestarted(stream);
            case 9 -> new Entry.Opened(new Incarnation(random.nextLong()), stream.id());
            case 10 -> new Entry.Closed();
            case 11 -> new Entry.VmDefined(new VmId(stream.id()), bytes(random.nextInt(300), random.nextInt()));
            case 12 -> new Entry.VmRemoved(new VmId(stream.id()));
            case 13 -> new Entry.Track(stream, new Sequence(random.nextInt() & 0xffff), random.nextBoolean());
            default ->
                new Entry.Write(
                        stream,
                        epoch,
                        random.nextLong(Long.MAX_VALUE / 2),
                        bytes(1 + random.nextInt(5000), random.nextInt()),
                        shipping(random));
        };
    }

    private static Shipping shipping(Random random) {
        return switch (random.nextInt(3)) {
            case 0 -> Shipping.LEFT_OUT;
            case 1 -> Shipping.COPIED;
            default -> Shipping.SHIPPED;
        };
    }

    private static Extent extent(Random random) {
        return new Extent(random.nextLong(Long.MAX_VALUE / 2), 1 + random.nextLong(Long.MAX_VALUE / 2));
    }
}
