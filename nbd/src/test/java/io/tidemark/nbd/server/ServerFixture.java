package io.tidemark.nbd.server;

import static org.assertj.core.api.Assertions.assertThat;

import io.netty.channel.EventLoop;
import io.tidemark.nbd.Export;
import io.tidemark.nbd.ExportDirectory;
import io.tidemark.nbd.Limits;
import io.tidemark.nbd.memory.PayloadBudget;
import io.tidemark.nbd.protocol.HeaderStyle;
import io.tidemark.nbd.ram.RamDirectory;
import io.tidemark.nbd.transport.ListeningSocket;
import io.tidemark.nbd.transport.Transport;
import io.tidemark.nbd.wire.WireClient;
import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.time.Duration;
import java.util.concurrent.TimeUnit;
import java.util.function.Function;

/** A server with two event loops on a port of its own, which must leave nothing behind. */
final class ServerFixture implements AutoCloseable {
    private static final Duration DEADLINE = Duration.ofSeconds(20);
    private static final long PATIENCE_SECONDS = 40;

    private final Transport transport;
    private final PayloadBudget budget;
    private final NbdServer server;

    private ServerFixture(Transport transport, PayloadBudget budget, NbdServer server) {
        this.transport = transport;
        this.budget = budget;
        this.server = server;
    }

    /** A server for one export, which is made for its home. */
    static ServerFixture with(Limits limits, long payloadBytes, Function<EventLoop, Export> export) {
        Transport transport = Transport.open("test", 2);
        ExportDirectory exports = new RamDirectory(export.apply(transport.next()));
        return with(transport, limits, payloadBytes, exports);
    }

    static ServerFixture with(Transport transport, Limits limits, long payloadBytes, ExportDirectory exports) {
        InetSocketAddress anyPort = new InetSocketAddress(InetAddress.getLoopbackAddress(), 0);
        Listener listener =
                new Listener(new ListeningSocket.Own(anyPort), new TlsPolicy.Off(), Listener.Listing.SHOWN, limits);
        return with(transport, listener, payloadBytes, exports);
    }

    /** A server with TLS. */
    static ServerFixture with(TlsPolicy tls, Limits limits, Function<EventLoop, Export> export) {
        Transport transport = Transport.open("test", 2);
        InetSocketAddress anyPort = new InetSocketAddress(InetAddress.getLoopbackAddress(), 0);
        Listener listener = new Listener(new ListeningSocket.Own(anyPort), tls, Listener.Listing.SHOWN, limits);
        return with(transport, listener, 16 << 20, new RamDirectory(export.apply(transport.next())));
    }

    private static ServerFixture with(
            Transport transport, Listener listener, long payloadBytes, ExportDirectory exports) {
        PayloadBudget budget = new PayloadBudget(payloadBytes);
        return new ServerFixture(transport, budget, NbdServer.start(listener, exports, transport, budget));
    }

    static ServerFixture with(Function<EventLoop, Export> export) {
        return with(Limits.STANDARD, 16 << 20, export);
    }

    InetSocketAddress address() {
        return server.address();
    }

    NbdServer server() {
        return server;
    }

    PayloadBudget budget() {
        return budget;
    }

    WireClient enter(HeaderStyle style) throws IOException {
        return WireClient.enter(address(), "", style);
    }

    @Override
    public void close() {
        server.stop(DEADLINE)
                .toCompletableFuture()
                .orTimeout(PATIENCE_SECONDS, TimeUnit.SECONDS)
                .join();
        transport
                .close()
                .toCompletableFuture()
                .orTimeout(PATIENCE_SECONDS, TimeUnit.SECONDS)
                .join();
        assertThat(server.connections()).isZero();
        assertThat(budget.freeBytes()).isEqualTo(budget.totalBytes());
    }
}
