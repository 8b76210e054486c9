package io.tidemark.boot;

import io.quarkus.vertx.http.runtime.options.TlsCertificateReloader;
import io.tidemark.config.RestListener;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;

/** What REST shows browsers and programs, which Quarkus reads and we watch. It knows of no change by itself within seconds, and of no key that does not fit. */
final class RestCertificates {

    private static final long PATIENCE_SECONDS = 10;

    private final RestListener rest;

    RestCertificates(RestListener rest) {
        this.rest = rest;
    }

    List<Path> files() {
        List<Path> files = new ArrayList<>(rest.certificates());
        files.addAll(rest.keys());
        return files;
    }

    /**
     * Reads them again, for whoever connects from now on. It waits for the disk.
     *
     * @throws IllegalArgumentException if they cannot be used; then those before still count
     */
    void reload() {
        for (int i = 0; i < Math.min(rest.certificates().size(), rest.keys().size()); i++) {
            new KeyPair(rest.certificates().get(i), rest.keys().get(i)).requireMatch();
        }
        try {
            TlsCertificateReloader.reload().toCompletableFuture().get(PATIENCE_SECONDS, TimeUnit.SECONDS);
        } catch (ExecutionException | TimeoutException e) {
            throw new IllegalArgumentException("the certificates of REST cannot be used: " + e, e);
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
    }
}
