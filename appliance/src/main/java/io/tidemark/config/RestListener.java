package io.tidemark.config;

import jakarta.inject.Singleton;
import java.nio.file.Path;
import java.util.List;
import java.util.Optional;
import org.eclipse.microprofile.config.inject.ConfigProperty;

/** Where REST listens, and what it shows there: settings of Quarkus' own. */
@Singleton
public final class RestListener {

    private final String host;
    private final boolean encryptedOnly;
    private final List<Path> certificates;
    private final List<Path> keys;

    RestListener(
            @ConfigProperty(name = "quarkus.http.host") String host,
            @ConfigProperty(name = "quarkus.http.insecure-requests", defaultValue = "enabled") String insecureRequests,
            @ConfigProperty(name = "quarkus.http.ssl.certificate.files") Optional<List<Path>> certificates,
            @ConfigProperty(name = "quarkus.http.ssl.certificate.key-files") Optional<List<Path>> keys) {
        this.host = host;
        this.encryptedOnly = insecureRequests.equalsIgnoreCase("disabled");
        this.certificates = List.copyOf(certificates.orElse(List.of()));
        this.keys = List.copyOf(keys.orElse(List.of()));
    }

    public String host() {
        return host;
    }

    /** Whether it listens for TLS and nothing else. */
    public boolean encryptedOnly() {
        return encryptedOnly;
    }

    /** In PEM, each with a key. */
    public List<Path> certificates() {
        return certificates;
    }

    /** In PEM, of the certificates in their order. */
    public List<Path> keys() {
        return keys;
    }
}
