package io.tidemark.link.protocol;

import static org.assertj.core.api.Assertions.assertThat;

import io.netty.buffer.ByteBuf;
import io.netty.buffer.Unpooled;
import io.tidemark.nbd.fuzz.Inputs;
import java.util.Random;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;

/** Frames damaged behind checksums that are right: each is read or refused by name, and no room is kept. */
class FrameFuzzTest {

    private static final long FEW = 5_000;

    @Test
    void aFewDamagedFramesAreReadOrRefused() {
        Inputs.few(FrameFuzzTest.class, FEW, FrameFuzzTest::damaged);
    }

    @Test
    @Tag("fuzz")
    void damagedFramesAreReadOrRefused() {
        Inputs.asked(FrameFuzzTest.class, 1, FrameFuzzTest::damaged);
    }

    private static void damaged(Random random) {
        ByteBuf bytes = Unpooled.wrappedBuffer(Damage.damaged(Damage.frames(random), random));
        Collected collected = new Collected();
        FrameAssembler assembler = new FrameAssembler(collected);

        try {
            while (bytes.isReadable()) {
                assembler.accept(bytes.readSlice(1 + random.nextInt(bytes.readableBytes())));
            }
        } catch (ProtocolViolation expected) {
            assertThat(expected.what()).isNotBlank().hasSizeLessThan(1000);
        }

        assembler.close();
        assertThat(collected.roomsInUse()).isZero();
    }
}
