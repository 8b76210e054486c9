package io.tidemark.link.protocol;

import static org.assertj.core.api.Assertions.assertThat;

import io.netty.buffer.ByteBuf;
import io.netty.buffer.Unpooled;
import java.util.ArrayList;
import java.util.List;
import java.util.Random;
import org.junit.jupiter.api.Test;

/** Any frames, cut anywhere, come out as they went in; any bytes at all do no harm. */
class FramePropertiesTest {

    private static final int TRIES = 1_000;
    private static final int FRAMES_MAX = 20;
    private static final int RECORDS_MAX = 3_000;

    @Test
    void framesComeOutAsTheyWentIn() {
        for (int seed = 0; seed < TRIES; seed++) {
            Random random = new Random(seed);
            List<Object> frames = frames(random);
            ByteBuf bytes = encode(frames);
            Collected collected = new Collected();
            FrameAssembler assembler = new FrameAssembler(collected);

            while (bytes.isReadable()) {
                assembler.accept(bytes.readSlice(1 + random.nextInt(bytes.readableBytes())));
            }

            assertThat(collected.frames).as("seed %d", seed).isEqualTo(frames);
            assertThat(collected.roomsInUse()).as("seed %d", seed).isZero();
            bytes.release();
        }
    }

    @Test
    void damagedFramesAreRefusedOrReadAsOthers() {
        for (int seed = 0; seed < TRIES; seed++) {
            Random random = new Random(seed);
            ByteBuf bytes = encode(frames(random));
            for (int damage = 0; damage < 3; damage++) {
                bytes.setByte(random.nextInt(bytes.readableBytes()), random.nextInt(256));
            }
            Collected collected = new Collected();
            FrameAssembler assembler = new FrameAssembler(collected);

            try {
                assembler.accept(bytes);
            } catch (ProtocolViolation expected) {
                assertThat(expected.what()).as("seed %d", seed).isNotBlank();
            }

            assembler.close();
            assertThat(collected.roomsInUse()).as("seed %d", seed).isZero();
            bytes.release();
        }
    }

    private static List<Object> frames(Random random) {
        Samples samples = new Samples(random);
        List<Object> frames = new ArrayList<>();
        for (int i = random.nextInt(FRAMES_MAX) + 1; i > 0; i--) {
            if (random.nextInt(4) == 0) {
                byte[] records = new byte[1 + random.nextInt(RECORDS_MAX)];
                random.nextBytes(records);
                frames.add(new Collected.Ranged(samples.range(records.length), Unpooled.wrappedBuffer(records)));
            } else {
                frames.add(samples.message());
            }
        }
        return frames;
    }

    private static ByteBuf encode(List<Object> frames) {
        return Unpooled.wrappedBuffer(
                frames.stream().map(FrameBytesTest::encode).toArray(ByteBuf[]::new));
    }
}
