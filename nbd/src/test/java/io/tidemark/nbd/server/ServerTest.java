package io.tidemark.nbd.server;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIllegalStateException;

import io.netty.channel.EventLoop;
import io.tidemark.nbd.Ending;
import io.tidemark.nbd.Export;
import io.tidemark.nbd.Limits;
import io.tidemark.nbd.NbdError;
import io.tidemark.nbd.Outcome;
import io.tidemark.nbd.manual.Asked;
import io.tidemark.nbd.manual.ManualExport;
import io.tidemark.nbd.protocol.Constants;
import io.tidemark.nbd.protocol.HeaderStyle;
import io.tidemark.nbd.protocol.Request;
import io.tidemark.nbd.ram.RamDirectory;
import io.tidemark.nbd.ram.RamExport;
import io.tidemark.nbd.transport.ListeningSocket;
import io.tidemark.nbd.transport.Transport;
import io.tidemark.nbd.wire.Answer;
import io.tidemark.nbd.wire.Answer.Chunk;
import io.tidemark.nbd.wire.WireClient;
import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.time.Duration;
import java.util.Random;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Test;

/** The server as a whole, over real sockets. */
class ServerTest {
    private static final long SIZE = 64L << 20;
    private static final int MIB = 1 << 20;
    private static final long PATIENCE_SECONDS = 20;

    @Test
    void whatIsWrittenIsRead() throws IOException {
        try (ServerFixture fixture = ServerFixture.with(ServerTest::ram);
                WireClient client = fixture.enter(HeaderStyle.STRUCTURED)) {
            // Given
            byte[] payload = new byte[3 * MIB + 12345];
            new Random(1).nextBytes(payload);

            // When
            client.send(write(1, 777, payload.length), payload);
            assertThat(client.answer()).isEqualTo(new Answer.Simple(1, 0));
            client.send(new Request(Constants.CMD_READ, 0, 2, 777, payload.length, 0));

            // Then
            byte[] read = new byte[payload.length];
            boolean done = false;
            while (!done) {
                Chunk chunk = (Chunk) client.answer();
                byte[] data = chunk.data();
                System.arraycopy(data, 0, read, (int) chunk.offset() - 777, data.length);
                done = chunk.done();
            }
            assertThat(read).isEqualTo(payload);
            client.disconnect();
        }
    }

    @Test
    void nioServesToo() throws IOException {
        Transport transport = Transport.openNio("nio", 2);
        Export export = RamExport.at(transport.next(), RamExport.info("disk", SIZE));
        try (ServerFixture fixture =
                        ServerFixture.with(transport, Limits.STANDARD, 16 << 20, new RamDirectory(export));
                WireClient client = fixture.enter(HeaderStyle.SIMPLE)) {
            // Given
            byte[] payload = new byte[2 * MIB];
            new Random(2).nextBytes(payload);

            // When
            client.send(write(1, 0, payload.length), payload);
            client.send(new Request(Constants.CMD_READ, 0, 2, 0, payload.length, 0));

            // Then
            assertThat(client.answer()).isEqualTo(new Answer.Simple(1, 0));
            assertThat(client.answer()).isEqualTo(new Answer.Simple(2, 0));
            assertThat(client.bytes(payload.length)).isEqualTo(payload);
        }
    }

    @Test
    void requestsRunOnTheHomeOfTheirExport() throws IOException {
        ThreadNoting export = new ThreadNoting();
        try (ServerFixture fixture = ServerFixture.with(export::at)) {
            // When many connections come, which the loops share
            for (int i = 0; i < 6; i++) {
                WireClient client = fixture.enter(HeaderStyle.SIMPLE);
                client.send(new Request(Constants.CMD_FLUSH, 0, i, 0, 0, 0));
                assertThat(client.answer()).isEqualTo(new Answer.Simple(i, 0));
                client.disconnect();
                client.close();
            }
        }

        // Then
        assertThat(export.threads()).hasSize(1);
    }

    @Test
    void tellsAnExportHowItsConnectionsEnd() throws Exception {
        ManualExport export = ManualExport.anywhere(RamExport.info("disk", SIZE));
        try (ServerFixture fixture = ServerFixture.with(home -> export)) {
            // When
            try (WireClient polite = fixture.enter(HeaderStyle.SIMPLE)) {
                polite.disconnect();
            }

            // Then
            assertThat(export.next(Asked.Closed.class).ending()).isEqualTo(Ending.DISCONNECTED);
            WireClient rude = fixture.enter(HeaderStyle.SIMPLE);
            rude.close();
            assertThat(export.next(Asked.Closed.class).ending()).isEqualTo(Ending.LOST);
            WireClient ruder = fixture.enter(HeaderStyle.SIMPLE);
            ruder.reset();
            assertThat(export.next(Asked.Closed.class).ending()).isEqualTo(Ending.LOST);
            try (WireClient confused = fixture.enter(HeaderStyle.SIMPLE)) {
                confused.send(new byte[28]);
                confused.awaitEnd();
                assertThat(export.next(Asked.Closed.class).ending()).isEqualTo(Ending.VIOLATION);
            }
        }
    }

    @Test
    void goodbyeRightBehindRequestsIsHeard() throws Exception {
        ManualExport export = ManualExport.anywhere(RamExport.info("disk", SIZE));
        try (ServerFixture fixture = ServerFixture.with(home -> export)) {
            // When a client does not even wait for its answers
            WireClient hasty = fixture.enter(HeaderStyle.SIMPLE);
            hasty.send(new Request(Constants.CMD_FLUSH, 0, 1, 0, 0, 0));
            hasty.send(new Request(Constants.CMD_DISC, 0, 2, 0, 0, 0));
            hasty.close();

            // Then
            Asked.Flush flush = export.next(Asked.Flush.class);
            flush.completion().complete(Outcome.DONE);
            assertThat(export.next(Asked.Closed.class).ending()).isEqualTo(Ending.DISCONNECTED);
        }
    }

    @Test
    void refusesConnectionsAboveItsLimit() throws Exception {
        Limits two = TestLimits.standard().connectionsMax(2).limits();
        try (ServerFixture fixture = ServerFixture.with(two, 16 << 20, ServerTest::ram)) {
            // Given
            WireClient first = fixture.enter(HeaderStyle.SIMPLE);
            WireClient second = fixture.enter(HeaderStyle.SIMPLE);

            // When
            WireClient third = new WireClient(fixture.address());

            // Then
            third.awaitEnd();
            first.disconnect();
            second.disconnect();
            third.close();
        }
    }

    @Test
    void whoSaysNothingDoesNotTakeAllPlacesForHandshakes() throws Exception {
        Limits four = TestLimits.standard().handshakesMax(4).limits();
        try (ServerFixture fixture = ServerFixture.with(four, 16 << 20, ServerTest::ram);
                WireClient first = new WireClient(fixture.address());
                WireClient second = new WireClient(fixture.address());
                WireClient third = new WireClient(fixture.address())) {
            // Given
            first.greet();
            second.greet();
            third.greet();

            // When
            try (WireClient fourth = new WireClient(fixture.address())) {
                fourth.awaitEnd();
            }

            // Then when one of them goes on, or away, there is a place again
            first.go("", HeaderStyle.SIMPLE);
            WireClient next = fixture.enter(HeaderStyle.SIMPLE);
            next.disconnect();
            first.disconnect();
        }
    }

    @Test
    void whoComesTooFastWaitsAndIsServed() throws Exception {
        Limits slow = TestLimits.standard().handshakesPerSecondMax(2).limits();
        try (ServerFixture fixture = ServerFixture.with(slow, 16 << 20, ServerTest::ram)) {
            for (int i = 0; i < 5; i++) {
                // When
                WireClient client = fixture.enter(HeaderStyle.SIMPLE);

                // Then
                client.disconnect();
            }
        }
    }

    @Test
    void stopsAtOnceWhenNobodyIsBusy() throws Exception {
        try (ServerFixture fixture = ServerFixture.with(ServerTest::ram);
                WireClient client = fixture.enter(HeaderStyle.SIMPLE)) {
            // When
            fixture.server().stop(Duration.ofDays(1)).toCompletableFuture().get(PATIENCE_SECONDS, TimeUnit.SECONDS);

            // Then
            client.awaitEnd();
        }
    }

    @Test
    void stopsWhenWhatIsUnderWayIsDone() throws Exception {
        ManualExport export = ManualExport.anywhere(RamExport.info("disk", SIZE));
        try (ServerFixture fixture = ServerFixture.with(home -> export);
                WireClient client = fixture.enter(HeaderStyle.SIMPLE)) {
            // Given
            client.send(new Request(Constants.CMD_FLUSH, 0, 1, 0, 0, 0));
            Asked.Flush flush = export.next(Asked.Flush.class);

            // When
            CompletableFuture<Void> stopped =
                    fixture.server().stop(Duration.ofDays(1)).toCompletableFuture();

            // Then whatever is asked next is refused, also what would be an error anyway
            int error = NbdError.INVALID.number();
            while (error == NbdError.INVALID.number()) {
                client.send(new Request(99, 0, 2, 0, 0, 0));
                error = ((Answer.Simple) client.answer()).error();
            }
            assertThat(error).isEqualTo(NbdError.SHUTTING_DOWN.number());
            assertThat(stopped).isNotDone();
            flush.completion().complete(Outcome.DONE);
            assertThat(client.answer()).isEqualTo(new Answer.Simple(1, 0));
            client.awaitEnd();
            stopped.get(PATIENCE_SECONDS, TimeUnit.SECONDS);
            assertThat(export.next(Asked.Closed.class).ending()).isEqualTo(Ending.CLOSED_BY_SERVER);
        }
    }

    @Test
    void cutsOffWhatIsNotDoneAtTheDeadline() throws Exception {
        ManualExport export = ManualExport.anywhere(RamExport.info("disk", SIZE));
        try (ServerFixture fixture = ServerFixture.with(home -> export);
                WireClient client = fixture.enter(HeaderStyle.SIMPLE)) {
            // Given
            client.send(new Request(Constants.CMD_FLUSH, 0, 1, 0, 0, 0));
            Asked.Flush flush = export.next(Asked.Flush.class);

            // When
            fixture.server().stop(Duration.ofMillis(1)).toCompletableFuture().get(PATIENCE_SECONDS, TimeUnit.SECONDS);

            // Then
            client.awaitEnd();
            assertThat(export.next(Asked.Closed.class).ending()).isEqualTo(Ending.CLOSED_BY_SERVER);
            flush.completion().complete(Outcome.DONE);
        }
    }

    @Test
    void saysWhyItCannotStart() throws Exception {
        try (ServerFixture fixture = ServerFixture.with(ServerTest::ram)) {
            // Given
            Transport transport = Transport.open("second", 1);
            Listener same = new Listener(
                    new ListeningSocket.Own(new InetSocketAddress(
                            InetAddress.getLoopbackAddress(), fixture.address().getPort())),
                    new TlsPolicy.Off(),
                    Listener.Listing.HIDDEN,
                    Limits.STANDARD);

            // When
            var starting = assertThatIllegalStateException()
                    .isThrownBy(() -> NbdServer.start(same, new RamDirectory(), transport, fixture.budget()));

            // Then
            starting.withMessageContaining("cannot listen on");
            transport.close().toCompletableFuture().get(PATIENCE_SECONDS, TimeUnit.SECONDS);
        }
    }

    private static Export ram(EventLoop home) {
        return RamExport.at(home, RamExport.info("disk", SIZE));
    }

    private static Request write(long cookie, long offset, int length) {
        return new Request(Constants.CMD_WRITE, 0, cookie, offset, length, length);
    }
}
