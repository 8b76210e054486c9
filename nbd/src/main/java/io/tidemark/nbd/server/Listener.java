package io.tidemark.nbd.server;

import io.tidemark.nbd.Limits;
import java.net.InetSocketAddress;

/** Where a server listens, and what clients find there. */
public record Listener(InetSocketAddress address, TlsPolicy tls, Listing listing, Limits limits) {

    /** Whether clients may ask which exports there are. */
    public enum Listing {
        SHOWN,
        HIDDEN
    }
}
