package io.tidemark.nbd.server;

import io.tidemark.nbd.Limits;
import io.tidemark.nbd.transport.ListeningSocket;

/** Where a server listens, and what clients find there. */
public record Listener(ListeningSocket socket, TlsPolicy tls, Listing listing, Limits limits) {

    /** Whether clients may ask which exports there are. */
    public enum Listing {
        SHOWN,
        HIDDEN
    }
}
