package io.tidemark.nbd.transmission;

import io.netty.buffer.ByteBuf;
import io.netty.channel.Channel;
import io.netty.channel.ChannelHandlerContext;
import io.netty.channel.ChannelInboundHandlerAdapter;
import io.netty.handler.codec.DecoderException;
import io.tidemark.nbd.Limits;
import java.io.IOException;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** Begins the transmission phase of a channel when added to its pipeline, and tells it what happens to the channel. */
@SuppressWarnings("FutureReturnValueIgnored") // what fails on a channel closes it, and that is told
public final class TransmissionHandler extends ChannelInboundHandlerAdapter {
    private static final Logger LOG = LoggerFactory.getLogger(TransmissionHandler.class);

    private final Transmission transmission;
    private final Turns.Turn turn;

    public TransmissionHandler(Channel channel, Admission admission, Limits limits) {
        this.transmission = new Transmission(channel, admission, limits);
        this.turn = admission.turn();
    }

    @Override
    public void handlerAdded(ChannelHandlerContext context) {
        if (context.channel().config().getRecvByteBufAllocator() instanceof ReceiveAllocator allocator) {
            allocator.landIn(transmission.receiver());
            allocator.readAtMost(turn::bytesMax);
        }
        if (context.channel().isActive()) {
            transmission.turn();
        } else {
            transmission.onGone();
        }
    }

    @Override
    public void channelRead(ChannelHandlerContext context, Object message) {
        transmission.replies().onReading();
        transmission.takeReceived((ByteBuf) message);
    }

    @Override
    public void channelReadComplete(ChannelHandlerContext context) {
        transmission.replies().flush();
    }

    /** Told from within a write or a flush, where nothing else may be written: between the head of a reply and its data. */
    @Override
    public void channelWritabilityChanged(ChannelHandlerContext context) {
        if (context.channel().isWritable()) {
            context.executor().execute(transmission::resume);
        }
    }

    @Override
    public void channelInactive(ChannelHandlerContext context) {
        transmission.onGone();
    }

    @Override
    public void userEventTriggered(ChannelHandlerContext context, Object event) {
        if (event instanceof ConnectionEvent known) {
            switch (known) {
                case MEMORY_RETURNED -> transmission.resume();
                case SERVER_STOPS -> transmission.stop();
            }
        }
    }

    @Override
    public void exceptionCaught(ChannelHandlerContext context, Throwable cause) {
        if (cause instanceof IOException || cause instanceof DecoderException) {
            LOG.debug("{}: {}", context.channel(), cause.getMessage());
            context.close();
        } else {
            transmission.onFault(cause);
        }
    }
}
