package io.tidemark.nbd.server;

import io.netty.bootstrap.ServerBootstrap;
import io.netty.buffer.PooledByteBufAllocator;
import io.netty.channel.Channel;
import io.netty.channel.ChannelFuture;
import io.netty.channel.ChannelOption;
import io.netty.channel.WriteBufferWaterMark;
import io.netty.util.concurrent.Future;
import io.tidemark.nbd.ExportDirectory;
import io.tidemark.nbd.Limits;
import io.tidemark.nbd.handshake.Terms;
import io.tidemark.nbd.handshake.TlsOffer;
import io.tidemark.nbd.memory.PayloadBudget;
import io.tidemark.nbd.transmission.Complaints;
import io.tidemark.nbd.transmission.Turns;
import io.tidemark.nbd.transport.Transport;
import java.net.InetSocketAddress;
import java.time.Duration;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionStage;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicBoolean;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * An NBD server that listens: fixed newstyle negotiation, then requests to the exports of a directory.
 *
 * <p>Thread: any.
 */
@SuppressWarnings("FutureReturnValueIgnored") // what fails on a channel closes it, and that is told
public final class NbdServer {
    private static final Logger LOG = LoggerFactory.getLogger(NbdServer.class);

    /** What may wait to be sent before no more is begun, and to where it has to fall before more is. */
    private static final WriteBufferWaterMark WAITING_TO_BE_SENT = new WriteBufferWaterMark(1 << 20, 2 << 20);

    private final Transport transport;
    private final Connections connections;
    private final Channel listening;
    private final TlsOffer tls;
    private final TlsPolicy policy;
    private final AtomicBoolean stopping = new AtomicBoolean();
    private final CompletableFuture<Void> stopped = new CompletableFuture<>();

    private NbdServer(Transport transport, Connections connections, Channel listening, TlsOffer tls, TlsPolicy policy) {
        this.transport = transport;
        this.connections = connections;
        this.listening = listening;
        this.tls = tls;
        this.policy = policy;
    }

    /**
     * Starts to listen; when it returns, clients can connect.
     *
     * @param budget the one of the process, also if it has several servers
     * @throws IllegalStateException if its address cannot be bound, or the socket that was inherited cannot be used
     * @throws IllegalArgumentException if the certificates cannot be used
     */
    public static NbdServer start(
            Listener listener, ExportDirectory exports, Transport transport, PayloadBudget budget) {
        Limits limits = listener.limits();
        boolean listing = listener.listing() == Listener.Listing.SHOWN;
        TlsOffer tls = TlsContexts.offer(listener.tls());
        AcceptingDoor door = new AcceptingDoor();
        Connections connections = new Connections(
                new Terms(exports, tls, listing, limits, budget, new Turns(), new Complaints()),
                door,
                then -> transport.next().schedule(then, 1, TimeUnit.SECONDS));
        ServerBootstrap bootstrap = transport
                .listening(limits.deadPeerDeadline())
                .option(ChannelOption.SO_BACKLOG, limits.backlogConnectionsMax())
                .option(ChannelOption.SO_REUSEADDR, true)
                .childOption(ChannelOption.TCP_NODELAY, true)
                .childOption(ChannelOption.ALLOCATOR, PooledByteBufAllocator.DEFAULT)
                .childOption(ChannelOption.WRITE_BUFFER_WATER_MARK, WAITING_TO_BE_SENT)
                .childHandler(connections);
        ChannelFuture bound = transport.listen(listener.socket(), bootstrap).awaitUninterruptibly();
        if (!bound.isSuccess()) {
            tls.release();
            throw new IllegalStateException(
                    "cannot listen on " + listener.socket() + ": "
                            + bound.cause().getMessage(),
                    bound.cause());
        }
        door.isOf(bound.channel());
        LOG.info("listening on {} with {}", bound.channel().localAddress(), transport);
        return new NbdServer(transport, connections, bound.channel(), tls, listener.tls());
    }

    /** Where it listens, with the port that was chosen if none was asked for. */
    public InetSocketAddress address() {
        return (InetSocketAddress) listening.localAddress();
    }

    /**
     * Reads the certificates again, for connections that begin TLS from now on; those that have begun go on. It may wait for the disk.
     *
     * @throws IllegalArgumentException if they cannot be used; then the ones before still count
     */
    public void reloadCertificates() {
        TlsContexts.renew(tls, policy);
    }

    /** How many clients are connected. */
    public int connections() {
        return connections.count();
    }

    /**
     * Stops: no connection is accepted, no request begun; requests under way are finished and answered, then their
     * connections are closed, all others at once. What is left when the deadline has passed is cut off. Who connects meanwhile is refused, or
     * waits in the queue of a socket that was inherited.
     *
     * @return completed when no connection is left; the same for a second call, which changes nothing
     */
    public CompletionStage<Void> stop(Duration deadline) {
        if (!stopping.getAndSet(true)) {
            connections.refuse();
            listening.close().addListener(closed -> stopConnections(deadline));
        }
        return stopped;
    }

    /** Accepts nobody while it is shut: who comes then waits in the kernel's queue. */
    private static final class AcceptingDoor implements Doorway.Door {

        private Optional<Channel> listening = Optional.empty(); // guarded by this
        private boolean open = true; // guarded by this

        synchronized void isOf(Channel channel) {
            listening = Optional.of(channel);
            apply();
        }

        @Override
        public synchronized void shut() {
            open = false;
            apply();
        }

        @Override
        public synchronized void open() {
            open = true;
            apply();
        }

        private void apply() {
            listening.ifPresent(channel -> channel.config().setAutoRead(open));
        }
    }

    private void stopConnections(Duration deadline) {
        connections.stop();
        Future<?> cutOff = transport.next().schedule(connections::cutOff, deadline.toMillis(), TimeUnit.MILLISECONDS);
        connections.whenGone(() -> {
            cutOff.cancel(false);
            tls.release();
            LOG.info("stopped listening on {}", listening.localAddress());
            stopped.complete(null);
        });
    }
}
