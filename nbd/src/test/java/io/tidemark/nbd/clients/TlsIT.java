package io.tidemark.nbd.clients;

import static org.assertj.core.api.Assertions.assertThat;

import io.tidemark.nbd.server.TlsPolicy;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Random;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** TLS with certificates that openssl has made, as an administrator would. */
@Tag("clients")
class TlsIT {
    /** What clients find in a directory, under the names that libnbd and QEMU look for. */
    @TempDir
    @SuppressWarnings("NullAway.Init") // JUnit does that
    private static Path known;

    /** The same, without a certificate of the client's. */
    @TempDir
    @SuppressWarnings("NullAway.Init") // JUnit does that
    private static Path anonymous;

    @BeforeAll
    static void makeCertificates() throws IOException {
        Authority authority = Authority.in(known);
        authority.sign("server", "localhost", "subjectAltName=DNS:localhost,IP:127.0.0.1");
        authority.sign("client", "alice", "extendedKeyUsage=clientAuth");
        Files.copy(known.resolve("ca-cert.pem"), anonymous.resolve("ca-cert.pem"));
    }

    @Test
    void libnbdSpeaksTls() {
        try (Served served = Served.under(new TlsPolicy.Required(open()))) {
            assertThat(Tool.run("nbdinfo", served.tlsUri("disk", anonymous))).contains("newstyle-fixed with TLS");
        }
    }

    @Test
    void nbdcopyCopiesUnderTls(@TempDir Path directory) throws IOException {
        // Given
        byte[] content = new byte[(int) Served.DISK_BYTES];
        new Random(3).nextBytes(content);
        Path original = Files.write(directory.resolve("original"), content);
        Path copy = directory.resolve("copy");
        try (Served served = Served.under(new TlsPolicy.Required(onlyForTheKnown()))) {

            // When
            Tool.run("nbdcopy", original.toString(), served.tlsUri("disk", known));
            Tool.run("nbdcopy", served.tlsUri("disk", known), copy.toString());
        }

        // Then
        assertThat(Files.mismatch(original, copy)).isEqualTo(-1);
    }

    @Test
    void whereTlsIsRequiredNothingGoesWithout() {
        try (Served served = Served.under(new TlsPolicy.Required(open()))) {
            Tool.fail("nbdinfo", served.uri("disk"));
            Tool.fail("nbdinfo", "--list", "nbd://localhost:" + served.port());
            assertThat(Tool.fail("qemu-img", "info", served.uri("disk"))).contains("this server requires TLS");
        }
    }

    @Test
    void whereTlsIsAllowedBothGo() {
        try (Served served = Served.under(new TlsPolicy.Allowed(open()))) {
            assertThat(Tool.run("nbdinfo", served.uri("disk"))).contains("newstyle-fixed without TLS");
            assertThat(Tool.run("nbdinfo", served.tlsUri("disk", anonymous))).contains("newstyle-fixed with TLS");
        }
    }

    @Test
    void clientsAreKnownByTheirCertificates() {
        try (Served served = Served.under(new TlsPolicy.Required(onlyForTheKnown()))) {
            Tool.run("nbdinfo", served.tlsUri("disk", known));
            Tool.fail("nbdinfo", served.tlsUri("disk", anonymous));
        }
    }

    @Test
    void qemuSpeaksTls() {
        try (Served served = Served.under(new TlsPolicy.Required(onlyForTheKnown()))) {
            assertThat(Tool.run(
                            "qemu-io",
                            "--object",
                            "tls-creds-x509,id=tls,endpoint=client,dir=" + known,
                            "--image-opts",
                            "driver=nbd,host=localhost,port=" + served.port() + ",export=disk,tls-creds=tls",
                            "-c",
                            "write -P 0xab 4096 5M",
                            "-c",
                            "read -P 0xab 4096 5M"))
                    .doesNotContain("failed");
        }
    }

    private static TlsPolicy.Credentials open() {
        return new TlsPolicy.Credentials(
                known.resolve("server-cert.pem"), known.resolve("server-key.pem"), new TlsPolicy.Anyone());
    }

    private static TlsPolicy.Credentials onlyForTheKnown() {
        return new TlsPolicy.Credentials(
                known.resolve("server-cert.pem"),
                known.resolve("server-key.pem"),
                new TlsPolicy.SignedBy(known.resolve("ca-cert.pem")));
    }
}
