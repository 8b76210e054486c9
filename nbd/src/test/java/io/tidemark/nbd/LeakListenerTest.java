package io.tidemark.nbd;

import static org.assertj.core.api.Assertions.assertThat;

import io.netty.buffer.PooledByteBufAllocator;
import org.junit.jupiter.api.Test;

/** A detector that finds nothing would make every other test pass. */
class LeakListenerTest {
    @Test
    void findsALostBuffer() {
        // Given
        lose();

        // When
        var leaks = LeakListener.leaks();

        // Then
        assertThat(leaks).hasSize(1).first().asString().contains("ByteBuf");
    }

    @Test
    void findsNothingElse() {
        // Given
        PooledByteBufAllocator.DEFAULT.directBuffer().release();

        // When
        var leaks = LeakListener.leaks();

        // Then
        assertThat(leaks).isEmpty();
    }

    private static void lose() {
        PooledByteBufAllocator.DEFAULT.directBuffer().writeByte(1);
    }
}
