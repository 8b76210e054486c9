package io.tidemark.nbd.client;

import java.nio.file.Path;

/** Whether the connection is encrypted, and who proves to be whom. */
public sealed interface ClientTls {
    /** It is not. */
    record Off() implements ClientTls {}

    /**
     * The server has to show a certificate for its host name that one of these authorities signed.
     *
     * @param authorities PEM file
     */
    record Verified(Path authorities, Identity identity) implements ClientTls {}

    /** What the server is shown. */
    sealed interface Identity {}

    /** Nothing. */
    record Anonymous() implements Identity {}

    /**
     * A certificate.
     *
     * @param certificateChain PEM file
     * @param privateKey PEM file, PKCS#8, not encrypted
     */
    record Certified(Path certificateChain, Path privateKey) implements Identity {}
}
