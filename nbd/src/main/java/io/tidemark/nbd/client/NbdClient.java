package io.tidemark.nbd.client;

import io.netty.bootstrap.Bootstrap;
import io.netty.channel.Channel;
import io.netty.channel.ChannelInitializer;
import io.netty.channel.ChannelOption;
import io.netty.handler.ssl.SslHandler;
import io.tidemark.nbd.transport.Transport;
import java.io.IOException;
import java.net.InetSocketAddress;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionStage;
import java.util.concurrent.TimeUnit;

/** Opens connections to exports of other servers. Thread: any. */
@SuppressWarnings("FutureReturnValueIgnored") // what fails on a channel closes it, and that is told
public final class NbdClient {
    private final Transport transport;
    private final ClientLimits limits;

    public NbdClient(Transport transport, ClientLimits limits) {
        this.transport = transport;
        this.limits = limits;
    }

    /**
     * Connects and goes through the handshake; resolves the host's name and reads the certificates' files before it
     * returns.
     *
     * @return completed with the connection, which the caller closes, within the handshake's deadline; exceptionally
     *     with {@link RefusedException} where trying again will not help by itself, else with {@link IOException}
     * @throws IllegalArgumentException if the certificates cannot be used
     */
    public CompletionStage<RemoteExport> connect(Destination destination) {
        CompletableFuture<RemoteExport> entered = new CompletableFuture<>();
        InetSocketAddress address = new InetSocketAddress(destination.host(), destination.port());
        if (address.isUnresolved()) {
            entered.completeExceptionally(new IOException(destination + ": unknown host"));
            return entered;
        }
        TlsHandlers tls = TlsHandlers.of(destination);
        long deadlineMillis = limits.handshakeDeadline().toMillis();
        Bootstrap bootstrap = transport
                .dialling()
                .option(ChannelOption.TCP_NODELAY, true)
                .option(ChannelOption.CONNECT_TIMEOUT_MILLIS, Math.toIntExact(deadlineMillis))
                .handler(new ChannelInitializer<>() {
                    @Override
                    protected void initChannel(Channel channel) {
                        Optional<SslHandler> handler = tls.handler(channel.alloc());
                        channel.pipeline().addLast("handshake", new Handshake(destination, limits, handler, entered));
                    }
                });
        Channel channel = bootstrap
                .connect(address)
                .addListener(connected -> {
                    tls.release();
                    if (!connected.isSuccess()) {
                        String why = destination + ": " + connected.cause().getMessage();
                        entered.completeExceptionally(new IOException(why, connected.cause()));
                    }
                })
                .channel();
        limit(channel, destination, entered);
        return entered;
    }

    private void limit(Channel channel, Destination destination, CompletableFuture<RemoteExport> entered) {
        long millis = limits.handshakeDeadline().toMillis();
        var deadline = channel.eventLoop()
                .schedule(
                        () -> {
                            String why = destination + ": no handshake within " + limits.handshakeDeadline();
                            if (entered.completeExceptionally(new IOException(why))) {
                                channel.close();
                            }
                        },
                        millis,
                        TimeUnit.MILLISECONDS);
        entered.whenComplete((export, failure) -> deadline.cancel(false));
    }
}
