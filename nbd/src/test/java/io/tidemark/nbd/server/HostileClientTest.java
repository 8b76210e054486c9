package io.tidemark.nbd.server;

import static org.assertj.core.api.Assertions.assertThat;

import io.netty.channel.EventLoop;
import io.tidemark.nbd.Ending;
import io.tidemark.nbd.Export;
import io.tidemark.nbd.ExportName;
import io.tidemark.nbd.Limits;
import io.tidemark.nbd.Outcome;
import io.tidemark.nbd.manual.Asked;
import io.tidemark.nbd.manual.ManualExport;
import io.tidemark.nbd.protocol.Constants;
import io.tidemark.nbd.protocol.HeaderStyle;
import io.tidemark.nbd.protocol.Option;
import io.tidemark.nbd.protocol.Request;
import io.tidemark.nbd.ram.RamExport;
import io.tidemark.nbd.transport.Transport;
import io.tidemark.nbd.wire.Answer;
import io.tidemark.nbd.wire.ClientBytes;
import io.tidemark.nbd.wire.WireClient;
import java.io.IOException;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Random;
import java.util.Set;
import org.junit.jupiter.api.Test;

/** Whatever a client does, it harms nobody but itself, and leaves nothing behind (see {@link ServerFixture#close}). */
class HostileClientTest {
    private static final long SIZE = 64L << 20;
    private static final int MIB = 1 << 20;

    @Test
    void garbageInsteadOfAHandshake() throws IOException {
        try (ServerFixture fixture = ServerFixture.with(HostileClientTest::ram)) {
            Random random = new Random(1);
            for (int i = 0; i < 100; i++) {
                byte[] garbage = new byte[1 + random.nextInt(2000)];
                random.nextBytes(garbage);
                try (WireClient client = new WireClient(fixture.address())) {
                    client.send(garbage);
                    if (garbage.length >= 4) {
                        client.awaitEnd();
                    }
                }
            }
            assertServes(fixture);
        }
    }

    @Test
    void garbageInsteadOfOptions() throws IOException {
        try (ServerFixture fixture = ServerFixture.with(HostileClientTest::ram)) {
            Random random = new Random(2);
            for (int i = 0; i < 100; i++) {
                byte[] data = new byte[random.nextInt(200)];
                random.nextBytes(data);
                try (WireClient client = new WireClient(fixture.address())) {
                    client.greet();
                    client.send(ClientBytes.option(1 + random.nextInt(12), data));
                    client.send(ClientBytes.option(new Option.Abort()));
                }
            }
            assertServes(fixture);
        }
    }

    @Test
    void garbageInsteadOfRequests() throws IOException {
        try (ServerFixture fixture = ServerFixture.with(HostileClientTest::ram)) {
            Random random = new Random(3);
            for (int i = 0; i < 100; i++) {
                byte[] garbage = new byte[28 + random.nextInt(20_000)];
                random.nextBytes(garbage);
                try (WireClient client = fixture.enter(HeaderStyle.STRUCTURED)) {
                    client.send(garbage);
                    client.awaitEnd();
                }
            }
            assertServes(fixture);
        }
    }

    @Test
    void theEndAfterAnyByte() throws IOException {
        byte[] script = ClientBytes.concat(
                ClientBytes.request(HeaderStyle.SIMPLE, write(1, 0, 3)),
                new byte[3],
                ClientBytes.request(HeaderStyle.SIMPLE, write(2, 0, 20_000)),
                new byte[100]);
        try (ServerFixture fixture = ServerFixture.with(HostileClientTest::ram)) {
            for (int length = 0; length <= script.length; length++) {
                WireClient client = fixture.enter(HeaderStyle.SIMPLE);
                client.send(Arrays.copyOf(script, length));
                if (length % 2 == 0) {
                    client.close();
                } else {
                    client.reset();
                }
            }
            assertServes(fixture);
        }
    }

    @Test
    void silenceAtAnyStageOfTheHandshake() throws IOException {
        Limits impatient =
                TestLimits.standard().handshakeDeadline(Duration.ofMillis(200)).limits();
        try (ServerFixture fixture = ServerFixture.with(impatient, 16 << 20, HostileClientTest::ram);
                WireClient mute = new WireClient(fixture.address());
                WireClient hesitant = new WireClient(fixture.address());
                WireClient distracted = new WireClient(fixture.address())) {
            hesitant.greet();
            distracted.greet();
            distracted.send(Arrays.copyOf(ClientBytes.option(new Option.ListExports()), 10));

            // Then the server hangs up on all of them
            mute.awaitEnd();
            hesitant.awaitEnd();
            distracted.awaitEnd();
            assertServes(fixture);
        }
    }

    @Test
    void goneWithAllRequestsOutstanding() throws Exception {
        ManualExport export = ManualExport.anywhere(RamExport.info("", SIZE));
        try (ServerFixture fixture = ServerFixture.with(home -> export)) {
            // Given as many requests as there may be: reads, writes and flushes, some of them large
            WireClient client = fixture.enter(HeaderStyle.STRUCTURED);
            List<Asked> asked = new ArrayList<>();
            for (int i = 0; i < Limits.STANDARD.requestsInFlightMax() / 4; i++) {
                client.send(new Request(Constants.CMD_READ, 0, i, 0, 64 << 10, 0));
                client.send(new Request(Constants.CMD_READ, 0, i, 0, 512, 0));
                client.send(write(i, 0, 10_000), new byte[10_000]);
                client.send(new Request(Constants.CMD_FLUSH, 0, i, 0, 0, 0));
                for (int j = 0; j < 4; j++) {
                    asked.add(export.next(Asked.class));
                }
            }

            // When
            client.reset();

            // Then they may be completed, whenever that is
            assertThat(export.next(Asked.Closed.class).ending()).isEqualTo(Ending.LOST);
            asked.forEach(HostileClientTest::complete);
        }
    }

    @Test
    void goneWithMoreRequestsThanAreTaken() throws Exception {
        ManualExport export = ManualExport.anywhere(RamExport.info("", SIZE));
        try (ServerFixture fixture = ServerFixture.with(home -> export)) {
            // Given
            WireClient client = fixture.enter(HeaderStyle.SIMPLE);
            byte[] flush = ClientBytes.request(HeaderStyle.SIMPLE, new Request(Constants.CMD_FLUSH, 0, 1, 0, 0, 0));
            byte[] many = new byte[1000 * flush.length];
            for (int at = 0; at < many.length; at += flush.length) {
                System.arraycopy(flush, 0, many, at, flush.length);
            }

            // When it has sent them all, and hangs up
            client.send(many);
            List<Asked> asked = new ArrayList<>();
            for (int i = 0; i < Limits.STANDARD.requestsInFlightMax(); i++) {
                asked.add(export.next(Asked.Flush.class));
            }
            client.close();

            // Then what was not begun never is
            assertThat(export.next(Asked.Closed.class).ending()).isEqualTo(Ending.LOST);
            asked.forEach(HostileClientTest::complete);
            assertThat(export.waiting()).isZero();
        }
    }

    @Test
    void repliesThatNobodyTakes() throws IOException {
        try (ServerFixture fixture = ServerFixture.with(Limits.STANDARD, 4 << 20, HostileClientTest::ram);
                WireClient deaf = fixture.enter(HeaderStyle.STRUCTURED);
                WireClient deafToo = fixture.enter(HeaderStyle.SIMPLE)) {
            // When 512 MiB are asked for, and none is taken
            for (int i = 0; i < 16; i++) {
                deaf.send(new Request(Constants.CMD_READ, 0, i, 0, 32 << 20, 0));
                deafToo.send(new Request(Constants.CMD_READ, 0, i, 0, 32 << 20, 0));
            }

            // Then others are served, out of what is left
            assertServes(fixture);

            // And if one takes them after all, they are all there
            for (int i = 0; i < 2; i++) {
                assertThat(deafToo.answer()).isEqualTo(new Answer.Simple(i, 0));
                assertThat(deafToo.bytes(32 << 20)).hasSize(32 << 20);
            }
        }
    }

    @Test
    void payloadsThatNeverCome() throws IOException {
        List<WireClient> stingy = new ArrayList<>();
        try (ServerFixture fixture = ServerFixture.with(Limits.STANDARD, 8 << 20, HostileClientTest::ram)) {
            // When more clients than there is memory for promise 32 MiB and send one byte
            for (int i = 0; i < 40; i++) {
                WireClient client = fixture.enter(HeaderStyle.SIMPLE);
                client.send(write(1, 0, 32 << 20), (byte) 1);
                stingy.add(client);
            }

            // Then others are served
            assertServes(fixture);
            for (WireClient client : stingy) {
                client.close();
            }
        }
    }

    @Test
    void anExportThatHoldsEverything() throws Exception {
        ManualExport full = ManualExport.anywhere(RamExport.info("full", SIZE));
        Transport transport = Transport.open("test", 2);
        Export other = RamExport.at(transport.next(), RamExport.info("other", SIZE));
        List<Asked.Write> held = new ArrayList<>();
        try (ServerFixture fixture = ServerFixture.with(
                        transport, Limits.STANDARD, 4 << 20, new io.tidemark.nbd.ram.RamDirectory(full, other));
                WireClient client = WireClient.enter(fixture.address(), "full", HeaderStyle.SIMPLE)) {
            // Given an export that takes writes until all that is shared is its own
            Thread writer = Thread.ofPlatform().start(() -> {
                try {
                    client.send(write(1, 0, 32 << 20), new byte[32 << 20]);
                } catch (IOException closed) {
                    throw new java.io.UncheckedIOException(closed);
                }
            });
            while (fixture.budget().freeBytes() > fixture.budget().totalBytes() / 2) {
                held.add(full.next(Asked.Write.class));
            }

            // Then another export is served
            try (WireClient neighbour = WireClient.enter(fixture.address(), "other", HeaderStyle.SIMPLE)) {
                neighbour.send(write(1, 0, 8 << 20), new byte[8 << 20]);
                assertThat(neighbour.answer()).isEqualTo(new Answer.Simple(1, 0));
            }

            // And the first goes on as soon as it has room
            int bytes = 0;
            while (bytes < 32 << 20) {
                Asked.Write write = held.isEmpty() ? full.next(Asked.Write.class) : held.removeFirst();
                bytes += write.bytes().length;
                complete(write);
            }
            assertThat(client.answer()).isEqualTo(new Answer.Simple(1, 0));
            writer.join();
        }
    }

    @Test
    void goodbyeWithoutTakingWhatIsOwed() throws Exception {
        Limits impatient =
                TestLimits.standard().goodbyeDeadline(Duration.ofMillis(200)).limits();
        ManualExport export = ManualExport.anywhere(RamExport.info("", SIZE));
        try (ServerFixture fixture = ServerFixture.with(impatient, 32 << 20, home -> export);
                WireClient deaf = fixture.enter(HeaderStyle.STRUCTURED)) {
            // Given answers that do not fit into the network
            for (int i = 0; i < 16; i++) {
                deaf.send(new Request(Constants.CMD_READ, 0, i, 0, 512 << 10, 0));
            }
            List<Asked> asked = new ArrayList<>();
            for (int i = 0; i < 16; i++) {
                asked.add(export.next(Asked.Read.class));
            }
            deaf.send(new Request(Constants.CMD_DISC, 0, 99, 0, 0, 0));

            // When
            asked.forEach(HostileClientTest::complete);

            // Then the connection ends nevertheless
            assertThat(export.next(Asked.Closed.class).ending()).isEqualTo(Ending.DISCONNECTED);
        }
    }

    @Test
    void aHalfClosedConnectionIsClosed() throws Exception {
        ManualExport export = ManualExport.anywhere(RamExport.info("", SIZE));
        try (ServerFixture fixture = ServerFixture.with(home -> export);
                WireClient client = fixture.enter(HeaderStyle.SIMPLE)) {
            // When
            client.shutdownOutput();

            // Then
            client.awaitEnd();
            assertThat(export.next(Asked.Closed.class).ending()).isEqualTo(Ending.LOST);
        }
    }

    @Test
    void goneInTheMiddleOfMoving() throws IOException {
        try (ServerFixture fixture = ServerFixture.with(HostileClientTest::ram)) {
            // When clients hang up right behind NBD_OPT_GO, some with a request behind it
            for (int i = 0; i < 100; i++) {
                WireClient client = new WireClient(fixture.address());
                client.greet();
                byte[] go = ClientBytes.option(new Option.Go(new ExportName(""), Set.of()));
                byte[] behind = i % 3 == 0 ? new byte[28] : new byte[0];
                client.send(ClientBytes.concat(go, behind));
                if (i % 2 == 0) {
                    client.close();
                } else {
                    client.reset();
                }
            }

            // Then
            assertServes(fixture);
        }
    }

    @Test
    void manyAtOnce() throws IOException {
        List<WireClient> clients = new ArrayList<>();
        try (ServerFixture fixture = ServerFixture.with(Limits.STANDARD, 64 << 20, HostileClientTest::ram)) {
            // When
            for (int i = 0; i < 300; i++) {
                clients.add(new WireClient(fixture.address()));
            }
            for (WireClient client : clients) {
                client.greet();
                client.go("", HeaderStyle.SIMPLE);
                client.send(write(1, 0, 4096), new byte[4096]);
            }

            // Then
            for (WireClient client : clients) {
                assertThat(client.answer()).isEqualTo(new Answer.Simple(1, 0));
                client.close();
            }
        }
    }

    /** A decent client is served, also with more than the floors can hold. */
    private static void assertServes(ServerFixture fixture) throws IOException {
        try (WireClient client = fixture.enter(HeaderStyle.SIMPLE)) {
            byte[] payload = new byte[3 * MIB];
            new Random(7).nextBytes(payload);
            client.send(write(1, 4096, payload.length), payload);
            assertThat(client.answer()).isEqualTo(new Answer.Simple(1, 0));
            client.send(new Request(Constants.CMD_READ, 0, 2, 4096, payload.length, 0));
            assertThat(client.answer()).isEqualTo(new Answer.Simple(2, 0));
            assertThat(client.bytes(payload.length)).isEqualTo(payload);
            client.disconnect();
        }
    }

    private static void complete(Asked asked) {
        switch (asked) {
            case Asked.Read read -> {
                read.fill(1);
                read.completion().complete(Outcome.DONE);
            }
            case Asked.Write write -> {
                write.completion().complete(Outcome.DONE);
                write.payload().release();
            }
            case Asked.Flush flush -> flush.completion().complete(Outcome.DONE);
            default -> throw new IllegalArgumentException("not expected: " + asked);
        }
    }

    private static Export ram(EventLoop home) {
        return RamExport.at(home, RamExport.info("", SIZE));
    }

    private static Request write(long cookie, long offset, int length) {
        return new Request(Constants.CMD_WRITE, 0, cookie, offset, length, length);
    }
}
