package io.tidemark.system;

import static java.nio.file.StandardCopyOption.ATOMIC_MOVE;
import static java.nio.file.StandardCopyOption.REPLACE_EXISTING;

import io.tidemark.system.proxy.LinkProxy;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Map;
import java.util.Random;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.RegisterExtension;

/** Another authority takes over while a guest writes: no site is restarted, and no connection that there is breaks. */
@Tag("clients")
final class CertificateRenewalTest {

    @RegisterExtension
    final Sites sites = new Sites();

    @Test
    void anotherAuthorityTakesOverWithoutABreak() throws IOException {
        // Given
        Path known = sites.folder();
        Certificates before = clients(known, "old");
        SitePair pair = sites.pair(Map.of(
                "TIDEMARK_NBD_TLS", "required",
                "TIDEMARK_NBD_CERTIFICATES_CERTIFICATE",
                        before.certificate("server").toString(),
                "TIDEMARK_NBD_CERTIFICATES_KEY", before.key("server").toString(),
                "TIDEMARK_NBD_CLIENT_AUTHORITIES", before.certificate("ca").toString()));
        String uri = pair.protect("vault", DiskSpec.direct("disk", 2048));
        Path laterFolder = sites.folder();
        Certificates later = clients(laterFolder, "new");
        try (LinkProxy proxy = new LinkProxy(Site.HOST, pair.replica().linkAddress(), new Random(1));
                Writer writer = new Writer(with(uri, known), sites.folder().resolve("stop"))) {
            pair.shipBy(proxy.address());
            writer.awaitProgress(Writer.ROUND);

            // When both sites trust both authorities, then show certificates of the new one
            for (Site site : new Site[] {pair.source(), pair.replica()}) {
                Path authorities = tls(site).resolve("authorities.crt");
                replace(authorities, Files.readString(authorities) + Files.readString(later.certificate("ca")));
                awaitRenewals(site, 1);
            }
            for (Site site : new Site[] {pair.source(), pair.replica()}) {
                later.sign(site.name(), site.name(), "subjectAltName=DNS:" + site.name());
                replace(tls(site).resolve("site.key"), Files.readString(later.key(site.name())));
                replace(tls(site).resolve("site.crt"), Files.readString(later.certificate(site.name())));
                awaitRenewals(site, 2);
            }
            // and the former one is trusted no more
            for (Site site : new Site[] {pair.source(), pair.replica()}) {
                replace(tls(site).resolve("authorities.crt"), Files.readString(later.certificate("ca")));
                awaitRenewals(site, 3);
            }
            int sessions = proxy.accepted();
            proxy.cut();
            Await.until("another session", () -> proxy.accepted() > sessions);

            // Then
            writer.awaitProgress(Writer.ROUND);
            pair.awaitReplicated();

            // When
            replace(before.key("server"), Files.readString(later.key("server")));
            replace(before.certificate("server"), Files.readString(later.certificate("server")));
            replace(before.certificate("ca"), Files.readString(later.certificate("ca")));
            Await.until(
                    "a client of the new authority",
                    () -> Tool.result("nbdinfo", with(uri, laterFolder)).status() == 0);

            // Then who has connected before goes on
            writer.awaitProgress(Writer.ROUND);
            writer.stop();
        }
    }

    private static Certificates clients(Path folder, String name) {
        return new Certificates(folder)
                .sign("server", name, "subjectAltName=IP:" + Site.HOST)
                .sign("client", name, "extendedKeyUsage=clientAuth");
    }

    private static void awaitRenewals(Site site, int times) {
        Await.until(
                "what was renewed is taken up",
                () -> site.api().events().stream()
                                .filter(event -> event.path("kind").asText().equals("certificates-renewed"))
                                .count()
                        >= times);
    }

    private static Path tls(Site site) {
        return site.data().resolve("tls");
    }

    private static void replace(Path file, String content) throws IOException {
        Path next = Files.writeString(file.resolveSibling("next"), content);
        Files.move(next, file, ATOMIC_MOVE, REPLACE_EXISTING);
    }

    private static String with(String uri, Path certificates) {
        return uri + "?tls-certificates=" + certificates;
    }
}
