package io.tidemark.link.transport;

import static org.assertj.core.api.Assertions.assertThat;

import io.netty.buffer.Unpooled;
import io.netty.channel.ChannelHandlerContext;
import io.netty.channel.ChannelOutboundHandlerAdapter;
import io.netty.channel.ChannelPromise;
import io.netty.channel.embedded.EmbeddedChannel;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Test;

class WireHandlerTest {

    private int heard;
    private int drained;

    @Test
    void whatComesIsNoticed() {
        EmbeddedChannel channel = new EmbeddedChannel(wire());

        channel.writeInbound(Unpooled.EMPTY_BUFFER);

        assertThat(heard).isEqualTo(1);
        channel.finishAndReleaseAll();
    }

    @Test
    void whatTheKernelTakesAtOnceProvesNothing() {
        EmbeddedChannel channel = new EmbeddedChannel(wire());

        channel.writeOutbound(Unpooled.EMPTY_BUFFER);

        assertThat(drained).isZero();
        channel.finishAndReleaseAll();
    }

    @Test
    void whatItTakesLaterIsNoticed() {
        // Given
        FullSocket socket = new FullSocket();
        EmbeddedChannel channel = new EmbeddedChannel(socket, wire());
        channel.writeOutbound(Unpooled.EMPTY_BUFFER);

        // When
        socket.waiting.forEach(ChannelPromise::setSuccess);

        // Then
        assertThat(drained).isEqualTo(1);
        channel.finishAndReleaseAll();
    }

    private WireHandler wire() {
        return new WireHandler(() -> heard++, () -> drained++);
    }

    /** Takes nothing until it is told to. */
    private static final class FullSocket extends ChannelOutboundHandlerAdapter {

        private final List<ChannelPromise> waiting = new ArrayList<>();

        @Override
        public void write(ChannelHandlerContext context, Object bytes, ChannelPromise promise) {
            waiting.add(promise);
        }
    }
}
