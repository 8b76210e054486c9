package io.tidemark.link.receiver;

import io.netty.channel.Channel;
import io.netty.channel.ChannelHandler.Sharable;
import io.netty.channel.ChannelInitializer;
import io.netty.channel.group.ChannelGroup;
import io.netty.channel.group.DefaultChannelGroup;
import io.netty.util.concurrent.EventExecutor;
import io.tidemark.link.Ending;
import io.tidemark.link.ReceiverDirectory;
import io.tidemark.link.transport.Connection;
import io.tidemark.link.transport.Endpoint;
import io.tidemark.link.transport.Pipeline;
import io.tidemark.link.transport.Tls;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionStage;
import java.util.concurrent.TimeUnit;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** Lets connections in, as many as may be. */
@Sharable
final class Entrance extends ChannelInitializer<Channel> {

    private static final Logger LOG = LoggerFactory.getLogger(Entrance.class);

    private final Endpoint endpoint;
    private final SessionRegistry registry;
    private final ChannelGroup connections;
    private final Arrivals arrivals;
    private Tls tls;

    Entrance(Endpoint endpoint, Tls tls, ReceiverDirectory directory) {
        EventExecutor home = endpoint.loops().group().next();
        this.endpoint = endpoint;
        this.registry = new SessionRegistry(home, endpoint.site(), directory);
        this.connections = new DefaultChannelGroup(home);
        this.arrivals = new Arrivals(endpoint.settings().handshakesPerSecondMax(), then -> {
            var unused = home.schedule(then, 1, TimeUnit.SECONDS);
        });
        this.tls = tls;
    }

    @Override
    protected void initChannel(Channel channel) {
        if (!arrivals.oneMore()) {
            var _ = channel.close(); // a peer dials again
            return;
        }
        int refused = arrivals.turnedAway();
        if (refused > 0) {
            LOG.warn("{} connections were refused: more came in a second than may", refused);
        }
        int most = endpoint.settings().connectionsMax();
        if (connections.size() >= most) {
            LOG.warn("{}: refused, {} connections are open", channel, most);
            var _ = channel.close();
            return;
        }
        connections.add(channel);
        secured(channel);
    }

    /** While it is not being renewed: what is released secures nobody. */
    private synchronized void secured(Channel channel) {
        channel.pipeline().addLast(new Pipeline(endpoint, tls, () -> new LaneReception(registry)));
    }

    /** What comes in from now on is secured by this. */
    synchronized void secure(Tls next) {
        Tls before = tls;
        tls = next;
        before.release();
    }

    /** Ends all sessions and connections in good order; complete when the last is closed. */
    CompletionStage<Void> close() {
        registry.endAll(new Ending.Closed());
        connections.forEach(channel -> Connection.end(channel, new Ending.Closed()));
        CompletableFuture<Void> closed = new CompletableFuture<>();
        connections.newCloseFuture().addListener(done -> {
            release();
            closed.complete(null);
        });
        return closed;
    }

    private synchronized void release() {
        tls.release();
    }
}
