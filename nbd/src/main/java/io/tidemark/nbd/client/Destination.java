package io.tidemark.nbd.client;

import io.tidemark.nbd.ExportName;

/** An export of a server somewhere, and how it is reached. */
public record Destination(String host, int port, ExportName export, ClientTls tls) {
    public Destination {
        if (host.isBlank()) {
            throw new IllegalArgumentException("no host");
        }
        if (port < 1 || port > 65_535) {
            throw new IllegalArgumentException("port " + port);
        }
    }

    @Override
    public String toString() {
        return (tls instanceof ClientTls.Off ? "nbd://" : "nbds://") + host + ":" + port + "/" + export;
    }
}
