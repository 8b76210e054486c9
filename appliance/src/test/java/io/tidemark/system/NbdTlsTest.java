package io.tidemark.system;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.RegisterExtension;

/** Protected disks and drills where NBD is only for clients that encrypt and have a certificate. */
@Tag("clients")
final class NbdTlsTest {

    @RegisterExtension
    final Sites sites = new Sites();

    @Test
    void onlyClientsWithACertificateComeInToDisksAndDrills() throws IOException {
        // Given
        Path known = sites.folder();
        Path anonymous = sites.folder();
        Certificates certificates = new Certificates(known)
                .sign("server", "appliance", "subjectAltName=IP:" + Site.HOST)
                .sign("client", "alice", "extendedKeyUsage=clientAuth");
        Files.copy(certificates.certificate("ca"), anonymous.resolve("ca-cert.pem"));
        SitePair pair = sites.pair(Map.of(
                "TIDEMARK_NBD_TLS", "required",
                "TIDEMARK_NBD_CERTIFICATES_CERTIFICATE",
                        certificates.certificate("server").toString(),
                "TIDEMARK_NBD_CERTIFICATES_KEY", certificates.key("server").toString(),
                "TIDEMARK_NBD_CLIENT_AUTHORITIES",
                        certificates.certificate("ca").toString()));
        String uri = pair.protect("vault", DiskSpec.direct("disk", 16));
        assertThat(uri).startsWith("nbds://" + Site.HOST);

        // When
        Path original =
                Files.write(known.resolve("original"), "secret ".repeat(1 << 20).getBytes(UTF_8));
        Nbd.copy(original, with(uri, known));
        qemuIoUnderTls(pair.source(), known, "write -P 0xab 8M 1M");
        pair.awaitReplicated();
        Api.Drill drill = pair.replica().api().drill("vault", "latest");

        // Then
        Path back = known.resolve("back");
        Nbd.copy(with(drill.uri("disk"), known), back);
        byte[] found = Files.readAllBytes(back);
        assertThat(new String(found, 0, 7 << 20, UTF_8)).isEqualTo(Files.readString(original));
        assertThat(found[8 << 20]).isEqualTo((byte) 0xab);
        assertThat(Nbd.info(with(uri, known))).contains("with TLS");
        for (String refused :
                new String[] {with(uri, anonymous), with(drill.uri("disk"), anonymous), uri.replace("nbds://", "nbd://")
                }) {
            Tool.fail("nbdinfo", refused);
        }
        Tool.fail(
                "nbdinfo", "--list", "nbd://" + Site.HOST + ":" + pair.source().nbdPort());
    }

    @Test
    void aVmIsForTheClientsThatItNamesAndForOthersThereIsNone() throws IOException {
        // Given
        Path alice = sites.folder();
        Certificates certificates = new Certificates(alice)
                .sign("server", "appliance", "subjectAltName=IP:" + Site.HOST)
                .sign("client", "host", "subjectAltName=DNS:alice.example.com");
        Path bob = another(alice, certificates.sign("bob", "bob", "extendedKeyUsage=clientAuth"), "bob");
        Path auditor = another(
                alice, certificates.sign("auditor", "x", "subjectAltName=URI:spiffe://example.com/auditor"), "auditor");
        SitePair pair = sites.pair(Map.of(
                "TIDEMARK_NBD_TLS", "required",
                "TIDEMARK_NBD_CERTIFICATES_CERTIFICATE",
                        certificates.certificate("server").toString(),
                "TIDEMARK_NBD_CERTIFICATES_KEY", certificates.key("server").toString(),
                "TIDEMARK_NBD_CLIENT_AUTHORITIES",
                        certificates.certificate("ca").toString()));
        pair.protect("open", DiskSpec.direct("disk", 16));
        String uri = pair.protect("vault", DiskSpec.direct("disk", 16));
        assertThat(names(pair.source(), bob)).contains("open/disk", "vault/disk");

        // When
        Map<String, Object> named = new LinkedHashMap<>(pair.request("vault", DiskSpec.direct("disk", 16)));
        named.put(
                "clients",
                Map.of(
                        "disks",
                        List.of("DNS:alice.example.com"),
                        "drills",
                        List.of("URI:spiffe://example.com/auditor")));
        pair.source().api().put("/vms/vault", named);

        // Then
        qemuIoUnderTls(pair.source(), alice, "write -P 0xab 8M 1M");
        assertThat(names(pair.source(), alice)).contains("open/disk", "vault/disk");
        assertSeesNothing(pair.source(), bob, uri);

        // When what is said of it again says nothing of clients, and both sites begin a new life
        pair.protect("vault", DiskSpec.direct("disk", 16));
        pair.awaitReplicated();
        for (Site site : List.of(pair.source(), pair.replica())) {
            site.stop();
            site.start();
        }

        // Then it is as it was
        assertThat(Nbd.info(with(uri, alice))).contains("vault/disk");
        assertSeesNothing(pair.source(), bob, uri);

        // When
        Await.until(
                "a point with what was written",
                () -> pair.replica().api().consistentPoints("vault").size() > 0);
        Api.Drill drill = pair.replica().api().drill("vault", "latest");

        // Then
        assertThat(Nbd.info(with(drill.uri("disk"), auditor))).contains(drill.id());
        assertThat(names(pair.replica(), alice)).doesNotContain(drill.id());
        Tool.fail("nbdinfo", with(drill.uri("disk"), alice));
    }

    private static void assertSeesNothing(Site site, Path client, String uri) {
        assertThat(names(site, client)).contains("open/disk").doesNotContain("vault");
        String refusal = Tool.fail("nbdinfo", with(uri, client));
        String unknown = Tool.fail("nbdinfo", with(uri.replace("vault", "vaulx"), client));
        assertThat(refusal.replace("vault", "vaulx")).isEqualTo(unknown);
    }

    /** What the server lists for a client. */
    private static String names(Site site, Path client) {
        return Tool.run("nbdinfo", "--list", with("nbds://" + Site.HOST + ":" + site.nbdPort(), client));
    }

    /** A folder with what a client needs that shows another certificate. */
    private Path another(Path folder, Certificates certificates, String name) throws IOException {
        Path made = sites.folder();
        Files.copy(folder.resolve("ca-cert.pem"), made.resolve("ca-cert.pem"));
        Files.copy(certificates.certificate(name), made.resolve("client-cert.pem"));
        Files.copy(certificates.key(name), made.resolve("client-key.pem"));
        return made;
    }

    private static String with(String uri, Path certificates) {
        return uri + "?tls-certificates=" + certificates;
    }

    private static void qemuIoUnderTls(Site site, Path certificates, String command) {
        Tool.run(
                "qemu-io",
                "--object",
                "tls-creds-x509,id=tls,endpoint=client,dir=" + certificates,
                "--image-opts",
                "driver=nbd,host=" + Site.HOST + ",port=" + site.nbdPort() + ",export=vault/disk,tls-creds=tls",
                "-c",
                command,
                "-c",
                "flush");
    }
}
