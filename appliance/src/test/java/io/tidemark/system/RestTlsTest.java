package io.tidemark.system;

import static java.nio.file.StandardCopyOption.ATOMIC_MOVE;
import static java.nio.file.StandardCopyOption.REPLACE_EXISTING;
import static org.assertj.core.api.Assertions.assertThat;

import io.tidemark.access.Tokens;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Map;
import java.util.Random;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.RegisterExtension;

/** REST beyond loopback is by TLS, or somebody has said that it need not be. */
@Tag("clients")
final class RestTlsTest {

    private static final Tokens.Made EYE = Tokens.make("eye", "viewer", new Random(1));

    @RegisterExtension
    final Sites sites = new Sites();

    @Test
    void plaintextForOthersIsRefusedUnlessSaidSo() throws IOException {
        Path folder = sites.folder();
        Path tokens = Files.writeString(folder.resolve("tokens"), EYE.line() + "\n");
        Map<String, String> beyondLoopback = Map.of(
                "QUARKUS_HTTP_HOST", "0.0.0.0",
                "TIDEMARK_REST_TOKENS_FILE", tokens.toString(),
                "TIDEMARK_LINK_PLAINTEXT_ON_LOOPBACK", "true");
        Site site = sites.site("north", beyondLoopback);

        assertThat(site.failToStart()).contains("tidemark.rest.plaintext", "0.0.0.0", "quarkus.http.insecure-requests");

        // With a certificate too, as long as there is plaintext beside it
        Certificates certificates = new Certificates(folder).sign("rest", "site", "subjectAltName=IP:" + Site.HOST);
        show(site, certificates);
        assertThat(site.failToStart()).contains("tidemark.rest.plaintext");

        site.set("TIDEMARK_REST_PLAINTEXT", "true");
        site.start();
    }

    @Test
    void theCertificateIsRenewedWithoutARestart() throws IOException {
        // Given
        Path folder = sites.folder();
        Path tokens = Files.writeString(folder.resolve("tokens"), EYE.line() + "\n");
        Certificates before = new Certificates(folder).sign("rest", "site", "subjectAltName=IP:" + Site.HOST);
        Path laterFolder = sites.folder();
        Certificates later = new Certificates(laterFolder).sign("rest", "site", "subjectAltName=IP:" + Site.HOST);
        Site site = sites.site(
                "north",
                Map.of("TIDEMARK_REST_TOKENS_FILE", tokens.toString(), "TIDEMARK_LINK_PLAINTEXT_ON_LOOPBACK", "true"));
        show(site, before);
        site.start();
        assertThat(status(site, before)).isZero();
        assertThat(status(site, later)).isNotZero();

        // When first the key is another, which does not fit
        replace(before.key("rest"), Files.readString(later.key("rest")));
        Await.until("it is told of", () -> site.ownLog().contains("certificates-unusable"));

        // Then
        assertThat(status(site, before)).isZero();

        // When
        replace(before.certificate("rest"), Files.readString(later.certificate("rest")));

        // Then
        Await.until("the new one is shown", () -> status(site, later) == 0);
        assertThat(status(site, before)).isNotZero();
        assertThat(site.ownLog()).contains("certificates-renewed");
    }

    private static void show(Site site, Certificates certificates) {
        site.set(
                "QUARKUS_HTTP_SSL_CERTIFICATE_FILES",
                certificates.certificate("rest").toString());
        site.set(
                "QUARKUS_HTTP_SSL_CERTIFICATE_KEY_FILES",
                certificates.key("rest").toString());
        site.set("QUARKUS_HTTP_SSL_PORT", "0");
    }

    /** Of a client that trusts this authority. */
    private static int status(Site site, Certificates authority) {
        return Tool.result(
                        "curl",
                        "--silent",
                        "--fail",
                        "--cacert",
                        authority.certificate("ca"),
                        "--header",
                        "Authorization: Bearer " + EYE.token(),
                        "https://" + Site.HOST + ":" + site.httpsPort() + "/api/v1/site")
                .status();
    }

    private static void replace(Path file, String content) throws IOException {
        Path next = Files.writeString(file.resolveSibling("next"), content);
        Files.move(next, file, ATOMIC_MOVE, REPLACE_EXISTING);
    }
}
