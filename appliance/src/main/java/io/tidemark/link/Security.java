package io.tidemark.link;

import java.nio.file.Path;

/** How a site proves who it is, and what it asks of its peer. */
public sealed interface Security {

    /**
     * TLS 1.3 with certificates on both sides. One certificate serves both roles of a site, so a key usage in it
     * names server and client.
     *
     * @param certificateChain PEM file with the site's certificate and those that lead to its authority
     * @param privateKey PEM file with its key, PKCS#8, not encrypted
     * @param authorities PEM file with the certificates that may have signed a peer's
     */
    record Tls(Path certificateChain, Path privateKey, Path authorities) implements Security {}

    /** For tests and measurements: no encryption and no proof. Refused for any address that is not loopback. */
    record PlaintextOnLoopback() implements Security {}
}
