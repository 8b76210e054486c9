package io.tidemark.link.pace;

import static org.assertj.core.api.Assertions.assertThat;

import com.github.luben.zstd.Zstd;
import io.netty.buffer.PooledByteBufAllocator;
import io.tidemark.link.Ranges;
import java.nio.ByteBuffer;
import java.util.List;
import java.util.Random;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

class RangeCompressorTest {

    private final PooledByteBufAllocator memory = new PooledByteBufAllocator(true, 1, 1, 8 << 10, 9, 0, 0, false);
    private long nowNanos;
    private final RangeCompressor compressor =
            new RangeCompressor(RangeCompressor.LEVEL_DEFAULT, () -> nowNanos += 1_000, memory);

    @AfterEach
    void memoryIsBack() {
        compressor.close();
        assertThat(memory.metric().directArenas().getFirst().numActiveAllocations())
                .isZero();
    }

    @Test
    void recordsBecomeOneFrame() {
        // Given
        List<ByteBuffer> images = List.of(Ranges.record(1, 5_000), Ranges.record(2, 70), Ranges.record(3, 20_000));

        // When
        RangeCompressor.Result result = compressor.compress(images);

        // Then
        assertThat(result).isInstanceOfSatisfying(RangeCompressor.Result.Smaller.class, smaller -> {
            ByteBuffer records = ByteBuffer.allocateDirect(25_070);
            images.forEach(image -> records.put(image.duplicate()));
            assertThat(Zstd.decompress(smaller.frame(), 25_070)).isEqualTo(records.flip());
            assertThat(smaller.nanos()).isEqualTo(1_000);
            smaller.lease().close();
        });
        assertThat(images).allMatch(image -> image.position() == 0);
    }

    @Test
    void whatDoesNotBecomeSmallerStaysAsItIs() {
        byte[] noise = new byte[50_000];
        new Random(1).nextBytes(noise);
        ByteBuffer image = ByteBuffer.allocateDirect(noise.length).put(noise).flip();

        assertThat(compressor.compress(List.of(image))).isEqualTo(new RangeCompressor.Result.NotSmaller(1_000));
    }
}
