package io.tidemark.system;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
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
