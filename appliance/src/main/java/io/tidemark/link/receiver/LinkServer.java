package io.tidemark.link.receiver;

import io.netty.bootstrap.ServerBootstrap;
import io.netty.channel.Channel;
import io.netty.channel.ChannelFuture;
import io.netty.channel.ChannelOption;
import io.tidemark.link.ReceiverDirectory;
import io.tidemark.link.transport.Endpoint;
import io.tidemark.link.transport.Tls;
import java.net.InetSocketAddress;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionStage;

/** Listens for senders. Any thread. */
public final class LinkServer {

    private static final int BACKLOG = 128;

    private final Endpoint endpoint;
    private final Channel listening;
    private final Entrance entrance;

    private LinkServer(Endpoint endpoint, Channel listening, Entrance entrance) {
        this.endpoint = endpoint;
        this.listening = listening;
        this.entrance = entrance;
    }

    /**
     * Begins to listen; port 0 takes any that is free. Reads certificates on the calling thread.
     *
     * @throws IllegalArgumentException when they cannot be used, or the address not without them
     */
    public static CompletionStage<LinkServer> bind(
            Endpoint endpoint, InetSocketAddress address, ReceiverDirectory directory) {
        Tls tls = Tls.server(endpoint.security());
        tls.check(address);
        Entrance entrance = new Entrance(endpoint, tls, directory);
        CompletableFuture<LinkServer> bound = new CompletableFuture<>();
        bootstrap(endpoint).childHandler(entrance).bind(address).addListener((ChannelFuture done) -> {
            if (done.isSuccess()) {
                bound.complete(new LinkServer(endpoint, done.channel(), entrance));
            } else {
                tls.release();
                bound.completeExceptionally(done.cause());
            }
        });
        return bound;
    }

    /** Where it listens. */
    public InetSocketAddress address() {
        return (InetSocketAddress) listening.localAddress();
    }

    /**
     * Reads the certificates again, on the calling thread, for the connections to come.
     *
     * @throws IllegalArgumentException when they cannot be used: those of before stay
     */
    public void reloadCertificates() {
        entrance.secure(Tls.server(endpoint.security()));
    }

    /** Stops listening and ends all sessions in good order; complete when the last connection is closed. */
    public CompletionStage<Void> close() {
        CompletableFuture<Void> closed = new CompletableFuture<>();
        listening.close().addListener(done -> entrance.close()
                .whenComplete((nothing, failure) -> closed.complete(null)));
        return closed;
    }

    private static ServerBootstrap bootstrap(Endpoint endpoint) {
        ServerBootstrap bootstrap = new ServerBootstrap()
                .group(endpoint.loops().group())
                .channel(endpoint.loops().serverSocket())
                .option(ChannelOption.SO_BACKLOG, BACKLOG)
                .option(ChannelOption.SO_REUSEADDR, true);
        int receiveBytes = endpoint.settings().buffers().socketReceiveBytes();
        // A window scale is agreed on before a connection is accepted, so the listening socket must know.
        return receiveBytes > 0 ? bootstrap.option(ChannelOption.SO_RCVBUF, receiveBytes) : bootstrap;
    }
}
