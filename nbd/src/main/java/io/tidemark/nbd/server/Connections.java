package io.tidemark.nbd.server;

import io.netty.channel.Channel;
import io.netty.channel.ChannelInitializer;
import io.netty.channel.group.ChannelGroup;
import io.netty.channel.group.DefaultChannelGroup;
import io.netty.util.concurrent.GlobalEventExecutor;
import io.tidemark.nbd.handshake.HandshakeHandler;
import io.tidemark.nbd.handshake.Terms;
import io.tidemark.nbd.transmission.ConnectionEvent;
import io.tidemark.nbd.transmission.ReceiveAllocator;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.util.function.Consumer;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * The connections of one listener: each begins with a handshake here, unless there are too many.
 *
 * <p>Thread: any.
 */
@SuppressWarnings("FutureReturnValueIgnored") // what fails on a channel closes it, and that is told
final class Connections extends ChannelInitializer<Channel> {
    private static final Logger LOG = LoggerFactory.getLogger(Connections.class);

    private final Terms terms;
    private final ChannelGroup channels = new DefaultChannelGroup(GlobalEventExecutor.INSTANCE);
    private final Doorway doorway;
    private volatile boolean refusing;

    /** @param inASecond does something then, on any thread */
    Connections(Terms terms, Doorway.Door door, Consumer<Runnable> inASecond) {
        this.terms = terms;
        this.doorway = new Doorway(terms.limits(), door, inASecond);
    }

    @Override
    protected void initChannel(Channel channel) {
        channels.add(channel);
        if (refusing || channels.size() > terms.limits().connectionsMax()) {
            LOG.debug("client {}: not accepted beside {} others", channel.remoteAddress(), channels.size() - 1);
            channel.close();
            return;
        }
        if (!(channel.remoteAddress() instanceof InetSocketAddress client)) {
            channel.close(); // it has gone already
            return;
        }
        InetAddress from = client.getAddress();
        if (!doorway.enter(from)) {
            LOG.debug("client {}: not accepted beside the handshakes of others there", channel.remoteAddress());
            channel.close();
            return;
        }
        ReceiveAllocator allocator = new ReceiveAllocator();
        channel.config().setRecvByteBufAllocator(allocator);
        channel.pipeline()
                .addLast("handshake", new HandshakeHandler(channel, terms, allocator, () -> doorway.leave(from)));
    }

    int count() {
        return channels.size();
    }

    /** From now on new connections are closed. */
    void refuse() {
        refusing = true;
    }

    /** Tells all connections that the server stops. */
    void stop() {
        channels.forEach(channel -> channel.pipeline().fireUserEventTriggered(ConnectionEvent.SERVER_STOPS));
    }

    /** Closes all connections at once. */
    void cutOff() {
        LOG.warn("{} connections cut off at the deadline", channels.size());
        channels.close();
    }

    /** Does something when none of the connections there are now is left. */
    void whenGone(Runnable then) {
        channels.newCloseFuture().addListener(gone -> then.run());
    }
}
