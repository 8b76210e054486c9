package io.tidemark.nbd.transport;

import io.netty.bootstrap.Bootstrap;
import io.netty.bootstrap.ServerBootstrap;
import io.netty.channel.ChannelFuture;
import io.netty.channel.ChannelOption;
import io.netty.channel.EventLoop;
import io.netty.channel.EventLoopGroup;
import io.netty.channel.ServerChannel;
import io.netty.channel.epoll.Epoll;
import io.netty.channel.epoll.EpollChannelOption;
import io.netty.channel.epoll.EpollEventLoopGroup;
import io.netty.channel.epoll.EpollServerSocketChannel;
import io.netty.channel.epoll.EpollSocketChannel;
import io.netty.channel.nio.NioEventLoopGroup;
import io.netty.channel.socket.nio.NioChannelOption;
import io.netty.channel.socket.nio.NioServerSocketChannel;
import io.netty.channel.socket.nio.NioSocketChannel;
import io.netty.util.concurrent.DefaultThreadFactory;
import java.time.Duration;
import java.util.Locale;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionStage;
import java.util.concurrent.TimeUnit;
import jdk.net.ExtendedSocketOptions;

/**
 * The event loops of a process and the kind of sockets they serve: epoll where there is one, else NIO.
 *
 * <p>Servers that share exports share the transport, since an export's home must be one of its loops.
 */
public final class Transport {
    /** How often a silent peer is asked whether it lives, once half its time has passed. */
    private static final int PROBES = 6;

    private final Kind kind;
    private final EventLoopGroup loops;

    private Transport(Kind kind, EventLoopGroup loops) {
        this.kind = kind;
        this.loops = loops;
    }

    private enum Kind {
        EPOLL,
        NIO
    }

    /** The best transport this machine has, with so many loops, on threads called after the given name. */
    public static Transport open(String threadName, int loops) {
        return Epoll.isAvailable()
                ? new Transport(Kind.EPOLL, new EpollEventLoopGroup(loops, new DefaultThreadFactory(threadName)))
                : openNio(threadName, loops);
    }

    /** The transport that every machine has. */
    public static Transport openNio(String threadName, int loops) {
        return new Transport(Kind.NIO, new NioEventLoopGroup(loops, new DefaultThreadFactory(threadName)));
    }

    /** One of the loops, each in its turn: a home for an export, for example. */
    public EventLoop next() {
        return loops.next();
    }

    /** Ends the loops, when all servers on them have stopped and all calls of their exports are complete. */
    public CompletionStage<Void> close() {
        CompletableFuture<Void> closed = new CompletableFuture<>();
        loops.shutdownGracefully(0, 1, TimeUnit.SECONDS).addListener(done -> closed.complete(null));
        return closed;
    }

    @Override
    public String toString() {
        return kind.name().toLowerCase(Locale.ROOT);
    }

    /** A bootstrap for connections to servers elsewhere, on these loops. */
    public Bootstrap dialling() {
        Bootstrap bootstrap = new Bootstrap().group(loops).option(ChannelOption.SO_KEEPALIVE, true);
        return switch (kind) {
            case EPOLL -> bootstrap.channel(EpollSocketChannel.class);
            case NIO -> bootstrap.channel(NioSocketChannel.class);
        };
    }

    /** A bootstrap for {@link #listen}, whose connections end when their peer is dead so long. */
    public ServerBootstrap listening(Duration deadPeerDeadline) {
        int seconds = Math.toIntExact(deadPeerDeadline.toSeconds());
        int probeSeconds = Math.max(1, seconds / 2 / PROBES);
        ServerBootstrap bootstrap = new ServerBootstrap().group(loops).childOption(ChannelOption.SO_KEEPALIVE, true);
        return switch (kind) {
            case EPOLL ->
                bootstrap
                        .childOption(EpollChannelOption.TCP_KEEPIDLE, seconds / 2)
                        .childOption(EpollChannelOption.TCP_KEEPINTVL, probeSeconds)
                        .childOption(EpollChannelOption.TCP_KEEPCNT, PROBES)
                        .childOption(EpollChannelOption.TCP_USER_TIMEOUT, seconds * 1000);
            case NIO ->
                bootstrap
                        .childOption(NioChannelOption.of(ExtendedSocketOptions.TCP_KEEPIDLE), seconds / 2)
                        .childOption(NioChannelOption.of(ExtendedSocketOptions.TCP_KEEPINTERVAL), probeSeconds)
                        .childOption(NioChannelOption.of(ExtendedSocketOptions.TCP_KEEPCOUNT), PROBES);
        };
    }

    /**
     * Opens the socket on these loops. Clients can connect when the future is complete; they are accepted from when the channel's auto-read is switched on.
     *
     * <p>The future fails if an address cannot be bound, if what was inherited is no TCP socket that listens, or if it is here without epoll: only that takes
     * a socket by its descriptor.
     */
    public ChannelFuture listen(ListeningSocket socket, ServerBootstrap bootstrap) {
        bootstrap.option(
                ChannelOption.AUTO_READ, false); // a socket with a queue would be read before all handlers are there
        return switch (socket) {
            case ListeningSocket.Own own ->
                bootstrap.channelFactory(this::newServerChannel).bind(own.address());
            case ListeningSocket.Inherited inherited ->
                bootstrap.channelFactory(() -> adopt(inherited)).register();
        };
    }

    private ServerChannel newServerChannel() {
        return switch (kind) {
            case EPOLL -> new EpollServerSocketChannel();
            case NIO -> new NioServerSocketChannel();
        };
    }

    private ServerChannel adopt(ListeningSocket.Inherited inherited) {
        return switch (kind) {
            case EPOLL -> Adoption.adopt(inherited.descriptor());
            case NIO ->
                throw new IllegalArgumentException("a socket can be inherited with epoll only, which is not there: "
                        + Epoll.unavailabilityCause());
        };
    }
}
