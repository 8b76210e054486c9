package io.tidemark.nbd.fuzz;

import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Random;

/** Damages bytes and sequences of messages, in all the ways that have broken a decoder somewhere. */
public final class Mutation {
    /** Where sums overflow, signs change and limits are. */
    private static final long[] EXTREMES = {
        0,
        1,
        2,
        -1,
        -2,
        0x7f,
        0x80,
        0xff,
        511,
        512,
        4095,
        4097,
        0x7fff,
        0x8000,
        0xffff,
        0x1_0000,
        Integer.MAX_VALUE - 1L,
        Integer.MAX_VALUE,
        1L << 31,
        (1L << 32) - 1,
        1L << 32,
        Long.MAX_VALUE - 1,
        Long.MAX_VALUE,
        Long.MIN_VALUE,
        Long.MIN_VALUE + 1
    };

    private static final int INSERTED_BYTES_MAX = 300;
    private static final int REPEATED_BYTES_MAX = 32 << 10;
    private static final int[] WIDTHS = {1, 2, 4, 8};

    private Mutation() {}

    /** One of the numbers that break things. */
    public static long extreme(Random random) {
        return EXTREMES[random.nextInt(EXTREMES.length)] + (random.nextInt(4) == 0 ? random.nextInt(3) - 1 : 0);
    }

    /** Damages a sequence of messages in one to four places. The messages themselves are left as they are. */
    public static List<byte[]> messages(List<byte[]> valid, Random random) {
        List<byte[]> messages = new ArrayList<>(valid);
        for (int i = random.nextInt(4); i >= 0; i--) {
            damage(messages, random);
        }
        return messages;
    }

    /** Damages bytes in one to four places. */
    public static byte[] bytes(byte[] valid, Random random) {
        byte[] bytes = valid;
        for (int i = random.nextInt(4); i >= 0; i--) {
            bytes = bytes.length == 0 ? noise(random) : damage(bytes, random);
        }
        return bytes;
    }

    /** Cuts a conversation into what arrives at a time: messages whole, in pieces, or with the next one behind. */
    public static List<byte[]> cut(List<byte[]> messages, Random random) {
        List<byte[]> cut = new ArrayList<>();
        byte[] rest = {};
        for (byte[] message : messages) {
            byte[] next = concat(rest, message);
            rest = new byte[0];
            switch (random.nextInt(8)) {
                case 0 -> rest = next;
                case 1 -> pieces(next, random, cut);
                default -> cut.add(next);
            }
        }
        cut.add(rest);
        return cut;
    }

    private static void damage(List<byte[]> messages, Random random) {
        int at = messages.isEmpty() ? 0 : random.nextInt(messages.size());
        int other = messages.isEmpty() ? 0 : random.nextInt(messages.size());
        int kind = messages.isEmpty() ? 0 : random.nextInt(12);
        switch (kind) {
            case 0 -> messages.add(at, noise(random));
            case 1 -> messages.remove(at);
            case 2 -> messages.add(other, messages.get(at));
            case 3 -> messages.add(other, messages.remove(at));
            case 4 -> {
                byte[] head = messages.get(at);
                byte[] tail = messages.get(other);
                messages.set(
                        at,
                        concat(
                                Arrays.copyOf(head, random.nextInt(head.length + 1)),
                                Arrays.copyOfRange(tail, random.nextInt(tail.length + 1), tail.length)));
            }
            default -> messages.set(at, bytes(messages.get(at), random));
        }
    }

    private static byte[] damage(byte[] bytes, Random random) {
        int at = random.nextInt(bytes.length);
        int length = random.nextInt(bytes.length - at) + 1;
        return switch (random.nextInt(10)) {
            case 0 -> changed(bytes, at, (byte) (bytes[at] ^ 1 << random.nextInt(8)));
            case 1 -> changed(bytes, at, (byte) random.nextInt());
            case 2 -> Arrays.copyOf(bytes, at);
            case 3 -> concat(Arrays.copyOf(bytes, at), Arrays.copyOfRange(bytes, at + length, bytes.length));
            case 4 -> concat(Arrays.copyOf(bytes, at), noise(random), Arrays.copyOfRange(bytes, at, bytes.length));
            case 5 -> repeated(bytes, at, length, random);
            default -> withNumber(bytes, random);
        };
    }

    private static byte[] changed(byte[] bytes, int at, byte value) {
        byte[] changed = bytes.clone();
        changed[at] = value;
        return changed;
    }

    private static byte[] repeated(byte[] bytes, int at, int length, Random random) {
        int times = Math.min(1 + random.nextInt(20), REPEATED_BYTES_MAX / length);
        byte[] repeated = Arrays.copyOf(bytes, at + length);
        for (int i = 0; i < times; i++) {
            repeated = concat(repeated, Arrays.copyOfRange(bytes, at, at + length));
        }
        return concat(repeated, Arrays.copyOfRange(bytes, at + length, bytes.length));
    }

    /** Puts an extreme number, or one near what is there, in place of a number of any width and byte order. */
    private static byte[] withNumber(byte[] bytes, Random random) {
        int width = WIDTHS[random.nextInt(WIDTHS.length)];
        if (bytes.length < width) {
            return changed(bytes, 0, (byte) random.nextInt());
        }
        int at = random.nextInt(bytes.length - width + 1);
        ByteBuffer changed = ByteBuffer.wrap(bytes.clone());
        changed.order(random.nextBoolean() ? ByteOrder.BIG_ENDIAN : ByteOrder.LITTLE_ENDIAN);
        boolean near = random.nextInt(3) == 0;
        long by = random.nextInt(5) - 2L;
        switch (width) {
            case 1 -> changed.put(at, (byte) (near ? changed.get(at) + by : extreme(random)));
            case 2 -> changed.putShort(at, (short) (near ? changed.getShort(at) + by : extreme(random)));
            case 4 -> changed.putInt(at, (int) (near ? changed.getInt(at) + by : extreme(random)));
            default -> changed.putLong(at, near ? changed.getLong(at) + by : extreme(random));
        }
        return changed.array();
    }

    private static void pieces(byte[] bytes, Random random, List<byte[]> to) {
        int at = 0;
        while (at < bytes.length) {
            int end = Math.min(bytes.length, at + 1 + random.nextInt(1 + random.nextInt(bytes.length)));
            to.add(Arrays.copyOfRange(bytes, at, end));
            at = end;
        }
    }

    private static byte[] noise(Random random) {
        byte[] noise = new byte[1 + random.nextInt(random.nextBoolean() ? 20 : INSERTED_BYTES_MAX)];
        random.nextBytes(noise);
        return noise;
    }

    private static byte[] concat(byte[]... parts) {
        ByteBuffer all = ByteBuffer.allocate(
                Arrays.stream(parts).mapToInt(part -> part.length).sum());
        for (byte[] part : parts) {
            all.put(part);
        }
        return all.array();
    }
}
