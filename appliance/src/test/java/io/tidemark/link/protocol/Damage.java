package io.tidemark.link.protocol;

import io.netty.buffer.ByteBuf;
import io.netty.buffer.ByteBufUtil;
import io.netty.buffer.Unpooled;
import java.io.ByteArrayOutputStream;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.Random;

/** Makes of frames that are right what a hostile peer might send: most of it with checksums that are right again. */
public final class Damage {

    private static final long[] NUMBERS = {
        0,
        1,
        -1,
        2,
        Byte.MAX_VALUE,
        Short.MAX_VALUE,
        0xffff,
        8 << 20,
        6 << 20,
        Integer.MAX_VALUE,
        Integer.MIN_VALUE,
        1L << 31,
        0xffffffffL,
        1L << 32,
        Long.MAX_VALUE,
        Long.MIN_VALUE,
        Long.MAX_VALUE - 1
    };

    private Damage() {}

    /** Any frames at all, each by itself. */
    public static List<byte[]> frames(Random random) {
        Samples samples = new Samples(random);
        List<byte[]> frames = new ArrayList<>();
        for (int i = random.nextInt(8) + 1; i > 0; i--) {
            byte[] records = new byte[1 + random.nextInt(600)];
            random.nextBytes(records);
            frames.add(bytes(
                    random.nextInt(3) == 0
                            ? new Collected.Ranged(samples.range(records.length), Unpooled.wrappedBuffer(records))
                            : samples.message()));
        }
        return frames;
    }

    /** The bytes of a message. */
    public static byte[] bytes(Message message) {
        return bytes((Object) message);
    }

    /** The bytes of a range. */
    public static byte[] bytes(RangeHeader header, byte... records) {
        return bytes(new Collected.Ranged(header, Unpooled.wrappedBuffer(records)));
    }

    /** Some of the frames are changed, sent twice, left out, or in another's place; the end may be missing. */
    public static byte[] damaged(List<byte[]> frames, Random random) {
        List<byte[]> all = new ArrayList<>(frames);
        for (int i = 1 + random.nextInt(3); i > 0 && !all.isEmpty(); i--) {
            int at = random.nextInt(all.size());
            switch (random.nextInt(8)) {
                case 0 -> all.add(at, all.get(random.nextInt(all.size())));
                case 1 -> all.remove(at);
                case 2 -> Collections.swap(all, at, random.nextInt(all.size()));
                default -> all.set(at, changed(all.get(at), random));
            }
        }
        ByteArrayOutputStream joined = new ByteArrayOutputStream();
        all.forEach(joined::writeBytes);
        byte[] bytes = joined.toByteArray();
        return random.nextInt(6) == 0 ? java.util.Arrays.copyOf(bytes, random.nextInt(bytes.length + 1)) : bytes;
    }

    private static byte[] changed(byte[] frame, Random random) {
        ByteBuf bytes = Unpooled.buffer().writeBytes(frame);
        for (int i = 1 + random.nextInt(2); i > 0; i--) {
            int at = random.nextInt(bytes.writerIndex());
            long number = NUMBERS[random.nextInt(NUMBERS.length)];
            switch (random.nextInt(5)) {
                case 0 -> bytes.setByte(at, bytes.getByte(at) ^ 1 << random.nextInt(Byte.SIZE));
                case 1 -> bytes.setByte(at, (int) number);
                case 2 -> bytes.setShortLE(Math.min(at, bytes.writerIndex() - 2), (int) number);
                case 3 -> bytes.setIntLE(Math.min(at, bytes.writerIndex() - 4), (int) number);
                default -> bytes.setLongLE(Math.min(at, bytes.writerIndex() - 8), number);
            }
        }
        if (random.nextInt(8) == 0) {
            bytes.writeZero(random.nextInt(40)).setIntLE(Constants.BODY_BYTES_AT, bytes.writerIndex() - 16);
        }
        if (random.nextInt(8) > 0) {
            bytes.setIntLE(0, Constants.MAGIC);
            FrameBytesTest.seal(bytes);
        }
        return ByteBufUtil.getBytes(bytes);
    }

    private static byte[] bytes(Object frame) {
        ByteBuf encoded = FrameBytesTest.encode(frame);
        byte[] bytes = ByteBufUtil.getBytes(encoded);
        encoded.release();
        return bytes;
    }
}
