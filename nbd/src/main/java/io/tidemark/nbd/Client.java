package io.tidemark.nbd;

import java.net.SocketAddress;
import java.util.Set;

/** Who is at the other end of a connection. */
public record Client(SocketAddress address, Identity identity) {

    /** What is known of the client beyond its address. */
    public sealed interface Identity permits Plaintext, Encrypted, Certified {}

    /** Nothing: the connection is not encrypted. */
    public record Plaintext() implements Identity {}

    /** Nothing, but nobody listens in: TLS without a certificate of the client. */
    public record Encrypted() implements Identity {}

    /**
     * TLS with a client certificate that the listener's authority signed.
     *
     * @param subject the distinguished name of the certificate, in the form of RFC 2253
     * @param names what the certificate says its holder is called, each behind its kind: {@code CN:} a common name of the subject, {@code DNS:} (in lower
     *     case) and {@code URI:} an alternative name
     */
    public record Certified(String subject, Set<String> names) implements Identity {
        public Certified {
            names = Set.copyOf(names);
        }
    }
}
