package io.tidemark.link.transport;

import io.netty.channel.AdaptiveRecvByteBufAllocator;
import io.netty.channel.Channel;
import io.netty.channel.ChannelConfig;
import io.netty.channel.ChannelInitializer;
import io.netty.channel.ChannelOption;
import io.netty.channel.WriteBufferWaterMark;
import io.netty.channel.epoll.EpollChannelOption;
import io.tidemark.link.LinkSettings.Buffers;
import java.util.function.Supplier;

/** Sets up the channels of a dialled session or of a listener: options, TLS, frames. */
public final class Pipeline extends ChannelInitializer<Channel> {

    private static final int READ_BYTES_MIN = 2 << 10;
    private static final int READ_BYTES_FIRST = 16 << 10;
    private static final int READ_BYTES_MAX = 256 << 10;

    private final Endpoint endpoint;
    private final Tls tls;
    private final Supplier<Conversation> conversations;

    /** @param conversations gives one for each channel */
    public Pipeline(Endpoint endpoint, Tls tls, Supplier<Conversation> conversations) {
        this.endpoint = endpoint;
        this.tls = tls;
        this.conversations = conversations;
    }

    @Override
    protected void initChannel(Channel channel) {
        configure(channel.config());
        install(channel);
    }

    /** The handlers alone. */
    void install(Channel channel) {
        Conversation conversation = conversations.get();
        Connection connection =
                new Connection(channel, conversation, endpoint.settings().timeouts(), endpoint.nanoTime());
        channel.pipeline().addLast(new WireHandler(connection::onHeard, connection::onDrained));
        tls.handler(channel.alloc()).ifPresent(channel.pipeline()::addLast);
        channel.pipeline().addLast(new ConnectionHandler(connection, conversation));
    }

    private void configure(ChannelConfig config) {
        Buffers buffers = endpoint.settings().buffers();
        config.setAllocator(endpoint.loops().allocator());
        config.setWriteBufferWaterMark(new WriteBufferWaterMark(buffers.queueLowBytes(), buffers.queueHighBytes()));
        config.setRecvByteBufAllocator(
                new AdaptiveRecvByteBufAllocator(READ_BYTES_MIN, READ_BYTES_FIRST, READ_BYTES_MAX));
        config.setOption(ChannelOption.TCP_NODELAY, true);
        config.setOption(ChannelOption.SO_KEEPALIVE, true);
        if (buffers.socketSendBytes() > 0) {
            config.setOption(ChannelOption.SO_SNDBUF, buffers.socketSendBytes());
        }
        if (buffers.socketReceiveBytes() > 0) {
            config.setOption(ChannelOption.SO_RCVBUF, buffers.socketReceiveBytes());
        }
        if (endpoint.loops().isEpoll()) {
            config.setOption(EpollChannelOption.TCP_NOTSENT_LOWAT, (long) buffers.socketUnsentBytes());
        }
    }
}
