package io.tidemark.nbd.server;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.netty.buffer.ByteBufAllocator;
import io.netty.channel.EventLoop;
import io.netty.handler.ssl.SslProvider;
import io.tidemark.nbd.Client;
import io.tidemark.nbd.Export;
import io.tidemark.nbd.ExportInfo;
import io.tidemark.nbd.ExportName;
import io.tidemark.nbd.Limits;
import io.tidemark.nbd.handshake.TlsOffer;
import io.tidemark.nbd.protocol.Constants;
import io.tidemark.nbd.protocol.HeaderStyle;
import io.tidemark.nbd.protocol.Option;
import io.tidemark.nbd.protocol.Request;
import io.tidemark.nbd.ram.RamExport;
import io.tidemark.nbd.wire.Answer;
import io.tidemark.nbd.wire.ClientBytes;
import io.tidemark.nbd.wire.WireClient;
import java.io.IOException;
import java.nio.file.Path;
import java.time.Duration;
import java.util.Queue;
import java.util.Random;
import java.util.Set;
import java.util.concurrent.ConcurrentLinkedQueue;
import javax.net.ssl.SSLContext;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class TlsTest {
    private static final long SIZE = 64L << 20;
    private static final Option GO = new Option.Go(new ExportName(""), Set.of());
    private static final int REP_ERR_TLS_REQD = 0x80000005;

    @TempDir
    @SuppressWarnings("NullAway.Init") // JUnit does that
    private static Path directory;

    private final KeytoolCertificates certificates = new KeytoolCertificates(directory);
    private final Queue<Client> clients = new ConcurrentLinkedQueue<>();

    @BeforeAll
    static void makeCertificates() throws Exception {
        KeytoolCertificates certificates = new KeytoolCertificates(directory);
        certificates.make("server");
        certificates.make("alice");
    }

    @Test
    void whatIsWrittenIsReadUnderTls() throws Exception {
        try (ServerFixture fixture = fixture(new TlsPolicy.Allowed(open()));
                WireClient client = new WireClient(fixture.address())) {
            // Given
            client.greet();
            client.startTls(KeytoolCertificates.anonymousClient());
            client.go("", HeaderStyle.SIMPLE);
            byte[] payload = new byte[5 << 20];
            new Random(1).nextBytes(payload);

            // When
            client.send(new Request(Constants.CMD_WRITE, 0, 1, 99, payload.length, payload.length), payload);
            assertThat(client.answer()).isEqualTo(new Answer.Simple(1, 0));
            client.send(new Request(Constants.CMD_READ, 0, 2, 99, payload.length, 0));

            // Then
            assertThat(client.answer()).isEqualTo(new Answer.Simple(2, 0));
            assertThat(client.bytes(payload.length)).isEqualTo(payload);
            client.disconnect();
            assertThat(clients.remove().identity()).isEqualTo(new Client.Encrypted());
        }
    }

    @Test
    void whereTlsIsAllowedItIsNotRequired() throws Exception {
        try (ServerFixture fixture = fixture(new TlsPolicy.Allowed(open()));
                WireClient client = fixture.enter(HeaderStyle.SIMPLE)) {
            client.disconnect();
            assertThat(clients.remove().identity()).isEqualTo(new Client.Plaintext());
        }
    }

    @Test
    void whereTlsIsRequiredNothingGoesWithout() throws Exception {
        try (ServerFixture fixture = fixture(new TlsPolicy.Required(open()));
                WireClient client = new WireClient(fixture.address())) {
            // Given
            client.greet();
            assertThat(client.option(GO)).isEqualTo(REP_ERR_TLS_REQD);
            assertThat(client.option(new Option.ListExports())).isEqualTo(REP_ERR_TLS_REQD);

            // When
            client.startTls(KeytoolCertificates.anonymousClient());

            // Then
            client.go("", HeaderStyle.STRUCTURED);
            client.disconnect();
        }
    }

    @Test
    void knowsAClientByItsCertificate() throws Exception {
        try (ServerFixture fixture = fixture(new TlsPolicy.Required(onlyFor("alice")));
                WireClient client = new WireClient(fixture.address())) {
            // When
            client.greet();
            client.startTls(certificates.client("alice"));
            client.go("", HeaderStyle.SIMPLE);

            // Then
            client.disconnect();
            assertThat(clients.remove().identity())
                    .isEqualTo(new Client.Certified(
                            "CN=alice,O=Tidemark",
                            Set.of("CN:alice", "DNS:alice.example.com", "URI:spiffe://example.com/alice")));
        }
    }

    @Test
    void refusesAClientWithoutTheRightCertificate() throws Exception {
        try (ServerFixture fixture = fixture(new TlsPolicy.Required(onlyFor("alice")))) {
            assertRefused(fixture, KeytoolCertificates.anonymousClient());
            assertRefused(fixture, certificates.client("server"));
            assertThat(clients).isEmpty();
        }
    }

    private static void assertRefused(ServerFixture fixture, SSLContext context) throws IOException {
        try (WireClient client = new WireClient(fixture.address())) {
            client.greet();
            // With TLS 1.3 the client hears of the refusal only when it goes on
            assertThatThrownBy(() -> {
                        client.startTls(context);
                        client.go("", HeaderStyle.SIMPLE);
                    })
                    .isInstanceOf(IOException.class);
        }
    }

    @Test
    void takesNoPlaintextForWhatComesUnderTls() throws Exception {
        try (ServerFixture fixture = fixture(new TlsPolicy.Allowed(open()));
                WireClient client = new WireClient(fixture.address())) {
            // Given
            client.greet();

            // When somebody in the middle puts an option behind the client's own
            client.send(ClientBytes.concat(ClientBytes.option(new Option.StartTls()), ClientBytes.option(GO)));

            // Then
            client.awaitEnd();
            assertThat(clients).isEmpty();
        }
    }

    @Test
    void silenceInsteadOfTlsHasItsDeadline() throws Exception {
        Limits impatient =
                TestLimits.standard().handshakeDeadline(Duration.ofMillis(200)).limits();
        try (ServerFixture fixture = ServerFixture.with(new TlsPolicy.Required(open()), impatient, TlsTest::ram);
                WireClient mute = new WireClient(fixture.address());
                WireClient garbled = new WireClient(fixture.address())) {
            // When
            mute.greet();
            mute.option(new Option.StartTls());
            garbled.greet();
            garbled.option(new Option.StartTls());
            garbled.send(new byte[1000]);

            // Then
            mute.awaitEnd();
            garbled.awaitEnd();
        }
    }

    @Test
    void theJdkCanDoItToo() {
        // When
        TlsOffer offer = TlsContexts.offer(new TlsPolicy.Required(onlyFor("alice")), SslProvider.JDK);

        // Then
        assertThat(offer).isInstanceOfSatisfying(TlsOffer.Required.class, required -> {
            assertThat(required.tls().handler(ByteBufAllocator.DEFAULT).engine().getUseClientMode())
                    .isFalse();
        });
    }

    @Test
    void saysWhichCredentialsCannotBeUsed() {
        // Given
        TlsPolicy.Credentials missing =
                new TlsPolicy.Credentials(directory.resolve("none"), directory.resolve("none"), new TlsPolicy.Anyone());

        // When
        var starting = assertThatIllegalArgumentException().isThrownBy(() -> fixture(new TlsPolicy.Required(missing)));

        // Then
        starting.withMessageContaining("none");
    }

    private ServerFixture fixture(TlsPolicy policy) {
        return ServerFixture.with(policy, Limits.STANDARD, home -> new Noting(ram(home)));
    }

    private TlsPolicy.Credentials open() {
        return new TlsPolicy.Credentials(
                certificates.certificate("server"), certificates.key("server"), new TlsPolicy.Anyone());
    }

    private TlsPolicy.Credentials onlyFor(String client) {
        return new TlsPolicy.Credentials(
                certificates.certificate("server"),
                certificates.key("server"),
                new TlsPolicy.SignedBy(certificates.certificate(client)));
    }

    private static Export ram(EventLoop home) {
        return RamExport.at(home, RamExport.info("", SIZE));
    }

    /** Notes who opens an export. */
    private final class Noting implements Export {
        private final Export export;

        Noting(Export export) {
            this.export = export;
        }

        @Override
        public ExportInfo info() {
            return export.info();
        }

        @Override
        public Opening open(Client client) {
            clients.add(client);
            return export.open(client);
        }
    }
}
