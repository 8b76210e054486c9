package io.tidemark.link.transport;

import io.netty.channel.ChannelDuplexHandler;
import io.netty.channel.ChannelHandlerContext;
import io.netty.channel.ChannelPromise;

/**
 * Stands between the socket and everything else: notices what moves in either direction, and can close without waiting
 * for what is queued.
 *
 * <p>What the socket takes at once proves nothing: the kernel has room. What it takes later does: the peer has made room.
 */
final class WireHandler extends ChannelDuplexHandler {

    private final Runnable onHeard;
    private final Runnable onDrained;
    private boolean flushing;

    WireHandler(Runnable onHeard, Runnable onDrained) {
        this.onHeard = onHeard;
        this.onDrained = onDrained;
    }

    @Override
    public void channelRead(ChannelHandlerContext context, Object bytes) {
        onHeard.run();
        context.fireChannelRead(bytes);
    }

    @Override
    public void write(ChannelHandlerContext context, Object bytes, ChannelPromise promise) {
        ChannelPromise counted = promise.unvoid();
        counted.addListener(written -> {
            if (written.isSuccess() && !flushing) {
                onDrained.run();
            }
        });
        var _ = context.write(bytes, counted);
    }

    @Override
    public void flush(ChannelHandlerContext context) {
        flushing = true;
        context.flush();
        flushing = false;
    }
}
