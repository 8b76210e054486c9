package io.tidemark.link.transport;

import io.tidemark.link.SiteName;
import java.security.cert.Certificate;
import java.security.cert.CertificateParsingException;
import java.security.cert.X509Certificate;
import java.util.Collection;
import java.util.List;
import java.util.Set;
import java.util.stream.Collectors;
import javax.naming.InvalidNameException;
import javax.naming.ldap.LdapName;
import javax.net.ssl.SSLPeerUnverifiedException;
import javax.net.ssl.SSLSession;

/** The names a peer has proven to bear (docs/protocol.md, section 1). */
public sealed interface PeerNames {

    boolean include(SiteName name);

    /** Those in its certificate: the alternative names of type DNS, or else the common name. */
    record Proven(Set<String> names) implements PeerNames {
        @Override
        public boolean include(SiteName name) {
            return names.contains(name.text());
        }

        @Override
        public String toString() {
            return String.join(", ", names);
        }
    }

    /** On plaintext nobody proves anything. */
    record Unproven() implements PeerNames {
        @Override
        public boolean include(SiteName name) {
            return true;
        }
    }

    /** The names in the certificate that a verified TLS handshake has shown. */
    static PeerNames of(SSLSession session) throws SSLPeerUnverifiedException {
        Certificate[] chain = session.getPeerCertificates();
        if (chain.length == 0 || !(chain[0] instanceof X509Certificate certificate)) {
            throw new SSLPeerUnverifiedException("no X.509 certificate");
        }
        try {
            Set<String> alternative = alternativeNames(certificate);
            return new Proven(alternative.isEmpty() ? commonNames(certificate) : alternative);
        } catch (CertificateParsingException | InvalidNameException unreadable) {
            throw new SSLPeerUnverifiedException("certificate names: " + unreadable.getMessage());
        }
    }

    private static Set<String> alternativeNames(X509Certificate certificate) throws CertificateParsingException {
        Collection<List<?>> all = certificate.getSubjectAlternativeNames();
        int typeDns = 2; // GeneralName, RFC 5280
        return all == null
                ? Set.of()
                : all.stream()
                        .filter(name -> name.getFirst().equals(typeDns))
                        .map(name -> String.valueOf(name.get(1)))
                        .collect(Collectors.toUnmodifiableSet());
    }

    private static Set<String> commonNames(X509Certificate certificate) throws InvalidNameException {
        return new LdapName(certificate.getSubjectX500Principal().getName())
                .getRdns().stream()
                        .filter(part -> part.getType().equalsIgnoreCase("CN"))
                        .map(part -> String.valueOf(part.getValue()))
                        .collect(Collectors.toUnmodifiableSet());
    }
}
