package io.tidemark.metrics;

import static org.assertj.core.api.Assertions.assertThat;

import io.micrometer.core.instrument.simple.SimpleMeterRegistry;
import io.tidemark.link.Security;
import io.tidemark.link.TestAuthority;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.time.Instant;
import java.util.Map;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class CertificateMetersTest {

    private static final Instant SOON = Instant.parse("2027-01-01T00:00:00Z");
    private static final Instant LATE = Instant.parse("2031-01-01T00:00:00Z");

    @TempDir
    Path folder;

    private SimpleMeterRegistry registry = new SimpleMeterRegistry();
    private TestAuthority authority;

    @BeforeEach
    void begin() {
        authority = new TestAuthority(folder, "authority");
    }

    @Test
    void ofSeveralInAFileTheOneCountsThatExpiresFirst() throws Exception {
        Path file = folder.resolve("authorities.crt");
        Files.writeString(file, Files.readString(issue(LATE)) + Files.readString(issue(SOON)));

        new CertificateMeters(Map.of("link-authorities", file), registry).look();

        assertThat(expiry("link-authorities")).isEqualTo(SOON);
    }

    @Test
    void aRenewedFileCountsFromTheNextStartOn() throws Exception {
        Path file = issue(SOON);
        CertificateMeters meters = new CertificateMeters(Map.of("link", file), registry);
        Files.copy(issue(LATE), file, StandardCopyOption.REPLACE_EXISTING);

        meters.look();
        assertThat(expiry("link")).isEqualTo(SOON);

        registry = new SimpleMeterRegistry();
        new CertificateMeters(Map.of("link", file), registry).look();
        assertThat(expiry("link")).isEqualTo(LATE);
    }

    @Test
    void ofAFileThatIsNotThereNothingIsShown() {
        new CertificateMeters(Map.of("target-authorities", folder.resolve("none.crt")), registry).look();

        assertThat(registry.getMeters()).isEmpty();
    }

    private Path issue(Instant until) {
        Security.Tls files = authority.issue("site", until, authority, "site");
        return files.certificateChain();
    }

    private Instant expiry(String use) {
        double seconds = registry.get("tidemark.certificate.expiry.timestamp.seconds")
                .tag("use", use)
                .gauge()
                .value();
        return Instant.ofEpochSecond((long) seconds);
    }
}
