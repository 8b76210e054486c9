package io.tidemark.metrics;

import io.micrometer.core.instrument.MeterRegistry;
import io.micrometer.core.instrument.Tags;
import java.io.IOException;
import java.io.InputStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.cert.CertificateException;
import java.security.cert.CertificateFactory;
import java.security.cert.X509Certificate;
import java.time.Instant;
import java.util.HashMap;
import java.util.Map;
import java.util.Optional;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * When the certificates expire that this site shows and trusts. Of a file that was renewed and is not taken up yet, the certificate from before counts.
 * One thread, which may wait for the disk.
 */
public final class CertificateMeters {

    private static final Logger LOG = LoggerFactory.getLogger(CertificateMeters.class);

    private final Map<String, Path> files;
    private final Gauges gauges;
    private final Map<String, Instant> inUse = new HashMap<>();

    /** @param files in PEM, by what they are used for */
    public CertificateMeters(Map<String, Path> files, MeterRegistry registry) {
        this.files = Map.copyOf(files);
        this.gauges = new Gauges(registry);
        taken();
    }

    /** What the files hold now is what the listeners use. */
    public void taken() {
        files.forEach((use, file) -> expiry(file).ifPresent(expiry -> inUse.put(use, expiry)));
    }

    /** Reads the files that are there. */
    public void look() {
        files.forEach((use, file) -> expiry(file)
                .map(now -> inUse.getOrDefault(use, now).isBefore(now) ? inUse.get(use) : now)
                .ifPresent(expiry -> gauges.set(
                        "tidemark.certificate.expiry.timestamp.seconds",
                        Tags.of("use", use),
                        expiry.getEpochSecond())));
        gauges.publish();
    }

    /** Of the certificate in a file that expires first. */
    private static Optional<Instant> expiry(Path file) {
        if (!Files.exists(file)) {
            return Optional.empty();
        }
        try (InputStream in = Files.newInputStream(file)) {
            return CertificateFactory.getInstance("X.509").generateCertificates(in).stream()
                    .map(certificate ->
                            ((X509Certificate) certificate).getNotAfter().toInstant())
                    .min(Instant::compareTo);
        } catch (IOException | CertificateException e) {
            LOG.warn("{} cannot be read: {}", file, e.toString());
            return Optional.empty();
        }
    }
}
