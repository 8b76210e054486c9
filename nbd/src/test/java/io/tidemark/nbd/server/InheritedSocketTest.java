package io.tidemark.nbd.server;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIllegalStateException;
import static org.assertj.core.api.Assumptions.assumeThat;

import io.netty.channel.epoll.Epoll;
import io.netty.channel.epoll.EpollDatagramChannel;
import io.netty.channel.epoll.EpollServerDomainSocketChannel;
import io.netty.channel.epoll.EpollSocketChannel;
import io.netty.channel.unix.UnixChannel;
import io.tidemark.nbd.Limits;
import io.tidemark.nbd.memory.PayloadBudget;
import io.tidemark.nbd.protocol.HeaderStyle;
import io.tidemark.nbd.ram.RamDirectory;
import io.tidemark.nbd.ram.RamExport;
import io.tidemark.nbd.transport.ListeningSocket;
import io.tidemark.nbd.transport.Transport;
import io.tidemark.nbd.wire.WireClient;
import java.io.IOException;
import java.time.Duration;
import java.util.concurrent.CompletionStage;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;

/** A server whose socket somebody else holds, who is there before it and after it. */
class InheritedSocketTest {
    private static final long PATIENCE_SECONDS = 20;
    private static final long SIZE = 1 << 20;

    private final PayloadBudget budget = new PayloadBudget(16 << 20);

    @BeforeAll
    static void needsEpoll() {
        assumeThat(Epoll.isAvailable()).isTrue();
    }

    @Test
    void clientsThatConnectBeforeItStartsAndAfterItStopsWaitForTheNextOne() throws IOException {
        try (HeldSocket held = new HeldSocket();
                WireClient early = new WireClient(held.address())) {
            // Given
            Transport first = Transport.open("first", 2);
            NbdServer server = start(held.give(), first);
            assertThat(server.address()).isEqualTo(held.address());
            early.greet();
            early.go("", HeaderStyle.EXTENDED);

            // When
            join(server.stop(Duration.ofSeconds(PATIENCE_SECONDS)));
            join(first.close());

            // Then
            early.awaitEnd();
            try (WireClient late = new WireClient(held.address());
                    WireClient later = new WireClient(held.address())) {
                Transport second = Transport.open("second", 2);
                NbdServer next = start(held.give(), second);
                for (WireClient each : new WireClient[] {late, later}) {
                    each.greet();
                    each.go("", HeaderStyle.EXTENDED);
                    each.disconnect();
                }
                join(next.stop(Duration.ofSeconds(PATIENCE_SECONDS)));
                join(second.close());
            }
        }
    }

    @Test
    void aClientThatHasGoneFromTheQueueHoldsNobodyUp() throws IOException {
        try (HeldSocket held = new HeldSocket()) {
            // Given
            new WireClient(held.address()).close();
            Transport transport = Transport.open("test", 1);
            NbdServer server = start(held.give(), transport);

            // When
            try (WireClient first = WireClient.enter(server.address(), "", HeaderStyle.SIMPLE);
                    WireClient second = WireClient.enter(server.address(), "", HeaderStyle.SIMPLE)) {
                // Then
                first.disconnect();
                second.disconnect();
            }
            join(server.stop(Duration.ofSeconds(PATIENCE_SECONDS)));
            join(transport.close());
        }
    }

    @Test
    void onlyATcpSocketThatListensCanBeInherited() {
        Transport transport = Transport.open("test", 1);

        refuses(new ListeningSocket.Inherited(999_999), transport, "descriptor 999999 is not open");
        refuses(new ListeningSocket.Inherited(0), transport, "descriptor 0 is no socket");
        refuses(of(new EpollSocketChannel()), transport, "does not listen");
        refuses(of(new EpollDatagramChannel()), transport, "does not listen");
        refuses(of(new EpollServerDomainSocketChannel()), transport, "is no TCP socket");

        join(transport.close());
    }

    @Test
    void nioTakesNoneAndSaysSo() {
        try (HeldSocket held = new HeldSocket()) {
            Transport nio = Transport.openNio("nio", 1);

            refuses(held.give(), nio, "with epoll only");

            join(nio.close());
        }
    }

    private NbdServer start(ListeningSocket socket, Transport transport) {
        return NbdServer.start(
                new Listener(socket, new TlsPolicy.Off(), Listener.Listing.SHOWN, Limits.STANDARD),
                new RamDirectory(RamExport.at(transport.next(), RamExport.info("disk", SIZE))),
                transport,
                budget);
    }

    private void refuses(ListeningSocket socket, Transport transport, String why) {
        assertThatIllegalStateException()
                .isThrownBy(() -> start(socket, transport))
                .withMessageContaining("cannot listen on " + socket)
                .withMessageContaining(why);
    }

    private static ListeningSocket of(UnixChannel channel) {
        return new ListeningSocket.Inherited(channel.fd().intValue());
    }

    private static void join(CompletionStage<Void> stage) {
        stage.toCompletableFuture()
                .orTimeout(PATIENCE_SECONDS, TimeUnit.SECONDS)
                .join();
    }
}
