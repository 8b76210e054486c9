package io.tidemark.nbd.client;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.tidemark.nbd.ExportName;
import io.tidemark.nbd.Extent;
import io.tidemark.nbd.Length;
import io.tidemark.nbd.Limits;
import io.tidemark.nbd.Offset;
import io.tidemark.nbd.client.RemoteInfo.Feature;
import io.tidemark.nbd.memory.PayloadBudget;
import io.tidemark.nbd.ram.RamDirectory;
import io.tidemark.nbd.ram.RamExport;
import io.tidemark.nbd.server.Listener;
import io.tidemark.nbd.server.NbdServer;
import io.tidemark.nbd.server.TlsPolicy;
import io.tidemark.nbd.transport.ListeningSocket;
import io.tidemark.nbd.transport.Transport;
import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.ServerSocket;
import java.nio.ByteBuffer;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Random;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionException;
import java.util.concurrent.CompletionStage;
import java.util.concurrent.TimeUnit;
import java.util.function.Consumer;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

/** Our client with our server, over real sockets. */
class NbdClientTest {
    private static final long PATIENCE_SECONDS = 40;
    private static final int BYTES = 4 << 20;

    private final Transport transport = Transport.open("test", 2);
    private final PayloadBudget budget = new PayloadBudget(16 << 20);
    private final NbdServer server = NbdServer.start(
            new Listener(
                    new ListeningSocket.Own(new InetSocketAddress(InetAddress.getLoopbackAddress(), 0)),
                    new TlsPolicy.Off(),
                    Listener.Listing.HIDDEN,
                    Limits.STANDARD),
            new RamDirectory(RamExport.at(transport.next(), RamExport.info("disk", BYTES))),
            transport,
            budget);
    private final NbdClient client = new NbdClient(transport, ClientLimits.STANDARD);

    @AfterEach
    void stop() {
        join(server.stop(Duration.ofSeconds(PATIENCE_SECONDS / 2)));
        join(transport.close());
        assertThat(budget.freeBytes()).isEqualTo(budget.totalBytes());
    }

    @Test
    void theServerSaysWhatItOffers() {
        RemoteExport export = join(client.connect(to("disk")));
        assertThat(export.info().size()).isEqualTo(new Length(BYTES));
        assertThat(export.info().features()).containsExactlyInAnyOrder(Feature.values());
        assertThat(export.info().blocks().payloadBytesMax()).isEqualTo(32 << 20);
        export.close();
    }

    @Test
    void manyRequestsInFlightAllArrive() {
        // Given
        byte[] content = new byte[BYTES];
        new Random(1).nextBytes(content);
        RemoteExport export = join(client.connect(to("disk")));

        // When
        List<CompletableFuture<Result>> writes = new ArrayList<>();
        for (int at = 0; at < BYTES; at += 8192) {
            int offset = at;
            writes.add(ask(told -> export.write(new Offset(offset), ByteBuffer.wrap(content, offset, 8192), told)));
        }
        writes.forEach(write -> assertThat(join(write)).isEqualTo(Result.DONE));
        assertThat(join(ask(export::flush))).isEqualTo(Result.DONE);

        // Then
        ByteBuffer read = ByteBuffer.allocate(BYTES);
        assertThat(join(ask(told -> export.read(Offset.ZERO, read, told)))).isEqualTo(Result.DONE);
        assertThat(read).isEqualTo(ByteBuffer.wrap(content));
        export.close();
    }

    @Test
    void zeroesAndHolesAreZeroes() {
        // Given
        RemoteExport export = join(client.connect(to("disk")));
        join(ask(told -> export.write(Offset.ZERO, ByteBuffer.wrap(new byte[] {1, 2, 3, 4}), told)));

        // When
        join(ask(told -> export.zero(new Extent(new Offset(1), new Length(1)), told)));
        join(ask(told -> export.trim(new Extent(new Offset(65_536), new Length(1 << 20)), told)));

        // Then
        ByteBuffer read = ByteBuffer.allocate(4);
        join(ask(told -> export.read(Offset.ZERO, read, told)));
        assertThat(read).isEqualTo(ByteBuffer.wrap(new byte[] {1, 0, 3, 4}));
        export.close();
    }

    @Test
    void anUnknownExportIsRefused() {
        assertThatThrownBy(() -> join(client.connect(to("other"))))
                .isInstanceOf(CompletionException.class)
                .hasCauseInstanceOf(RefusedException.class)
                .hasMessageContaining("UNKNOWN_EXPORT");
    }

    @Test
    void whoeverIsNoNbdServerIsRefused() throws IOException {
        try (ServerSocket other = new ServerSocket(0, 1, InetAddress.getLoopbackAddress())) {
            CompletableFuture<RemoteExport> connecting =
                    client.connect(at(other.getLocalPort())).toCompletableFuture();
            try (var socket = other.accept()) {
                socket.getOutputStream()
                        .write("HTTP/1.1 400 Bad Request\r\n".getBytes(java.nio.charset.StandardCharsets.US_ASCII));
                assertThatThrownBy(() -> join(connecting)).hasCauseInstanceOf(RefusedException.class);
            }
        }
    }

    @Test
    void nobodyThereIsAnError() throws IOException {
        int port;
        try (ServerSocket gone = new ServerSocket(0, 1, InetAddress.getLoopbackAddress())) {
            port = gone.getLocalPort();
        }
        assertThatThrownBy(() -> join(client.connect(at(port)))).hasCauseInstanceOf(IOException.class);
    }

    @Test
    void aServerThatHangsUpInTheHandshakeIsAnError() throws IOException {
        try (ServerSocket other = new ServerSocket(0, 1, InetAddress.getLoopbackAddress())) {
            CompletableFuture<RemoteExport> connecting =
                    client.connect(at(other.getLocalPort())).toCompletableFuture();
            other.accept().close();
            assertThatThrownBy(() -> join(connecting)).hasCauseInstanceOf(IOException.class);
        }
    }

    @Test
    void aServerThatSaysNothingIsGivenUp() throws IOException {
        // Given
        NbdClient impatient =
                new NbdClient(transport, new ClientLimits(Duration.ofMillis(50), Duration.ofSeconds(30), 16));
        try (ServerSocket silent = new ServerSocket(0, 1, InetAddress.getLoopbackAddress())) {
            // Then
            assertThatThrownBy(() -> join(impatient.connect(at(silent.getLocalPort()))))
                    .hasMessageContaining("no handshake within");
        }
    }

    private Destination to(String export) {
        return new Destination("localhost", server.address().getPort(), new ExportName(export), new ClientTls.Off());
    }

    private static Destination at(int port) {
        return new Destination("localhost", port, new ExportName(""), new ClientTls.Off());
    }

    private static CompletableFuture<Result> ask(Consumer<Result.Listener> request) {
        CompletableFuture<Result> result = new CompletableFuture<>();
        request.accept(result::complete);
        return result;
    }

    private static <T> T join(CompletionStage<T> stage) {
        return stage.toCompletableFuture()
                .orTimeout(PATIENCE_SECONDS, TimeUnit.SECONDS)
                .join();
    }
}
