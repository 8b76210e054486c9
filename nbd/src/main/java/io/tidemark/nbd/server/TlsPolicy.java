package io.tidemark.nbd.server;

import java.nio.file.Path;

/** Whether clients of a listener encrypt, and whom they must prove to be. */
public sealed interface TlsPolicy {
    /** Nobody does. */
    record Off() implements TlsPolicy {}

    /** Clients may. One in the middle can talk a client that may into doing without. */
    record Allowed(Credentials credentials) implements TlsPolicy {}

    /** Clients must, before anything else. */
    record Required(Credentials credentials) implements TlsPolicy {}

    /**
     * What the server shows, and what it wants to see.
     *
     * @param certificateChain PEM file with the server's certificate and those that lead to its authority
     * @param privateKey PEM file with its key, in PKCS#8, not encrypted
     */
    record Credentials(Path certificateChain, Path privateKey, Clients clients) {}

    /** What clients have to show. */
    sealed interface Clients permits Anyone, SignedBy {}

    /** Nothing. */
    record Anyone() implements Clients {}

    /**
     * A certificate of an authority that is trusted here.
     *
     * @param authority PEM file with the certificates of the authorities that may have signed a client's
     */
    record SignedBy(Path authority) implements Clients {}
}
