package io.tidemark.nbd.transmission;

import static org.assertj.core.api.Assertions.assertThat;

import io.netty.buffer.ByteBuf;
import io.netty.buffer.UnpooledByteBufAllocator;
import io.netty.channel.DefaultChannelConfig;
import io.netty.channel.RecvByteBufAllocator.ExtendedHandle;
import io.netty.channel.embedded.EmbeddedChannel;
import io.tidemark.nbd.ExportName;
import org.junit.jupiter.api.Test;

/** How much of one connection is read before it is another's turn. */
class TurnsTest {

    private static final ExportName DISK = new ExportName("disk");

    private final Turns turns = new Turns();

    @Test
    void theConnectionsOfAnExportShareItsTurn() {
        Turns.Turn first = turns.of(DISK);
        assertThat(first.bytesMax()).isEqualTo(Turns.BYTES_MAX);

        // When
        Turns.Turn second = turns.of(DISK);
        Turns.Turn other = turns.of(new ExportName("other"));

        // Then
        assertThat(first.bytesMax()).isEqualTo(Turns.BYTES_MAX / 2);
        assertThat(second.bytesMax()).isEqualTo(Turns.BYTES_MAX / 2);
        assertThat(other.bytesMax()).isEqualTo(Turns.BYTES_MAX);
    }

    @Test
    void aConnectionThatIsGoneLeavesItsPartToTheOthers() {
        Turns.Turn first = turns.of(DISK);
        Turns.Turn second = turns.of(DISK);

        // When
        second.end();

        // Then
        assertThat(first.bytesMax()).isEqualTo(Turns.BYTES_MAX);
    }

    @Test
    void readingEndsWithTheTurnAlthoughThereIsMore() {
        ReceiveAllocator allocator = new ReceiveAllocator();
        ExtendedHandle handle = allocator.newHandle();
        handle.reset(new DefaultChannelConfig(new EmbeddedChannel()));
        allocator.readAtMost(() -> 100_000);
        read(handle, 60_000);
        assertThat(handle.continueReading(() -> true)).isTrue();

        // When
        read(handle, 60_000);

        // Then
        assertThat(handle.continueReading(() -> true)).isFalse();
    }

    private static void read(ExtendedHandle handle, int bytes) {
        ByteBuf buffer = handle.allocate(UnpooledByteBufAllocator.DEFAULT);
        handle.attemptedBytesRead(buffer.writableBytes());
        handle.lastBytesRead(bytes);
        handle.incMessagesRead(1);
        buffer.release();
    }
}
