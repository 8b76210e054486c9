package io.tidemark.nbd.handshake;

import io.tidemark.nbd.Client;
import java.security.cert.CertificateParsingException;
import java.security.cert.X509Certificate;
import java.util.Collection;
import java.util.HashSet;
import java.util.List;
import java.util.Locale;
import java.util.Set;
import javax.naming.InvalidNameException;
import javax.naming.ldap.LdapName;
import javax.naming.ldap.Rdn;
import org.jspecify.annotations.Nullable;

/** What a certificate says its holder is called. That it is true is its authority's to see to. */
final class CertificateNames {

    // RFC 5280, section 4.2.1.6: the kinds of alternative names, as the JDK numbers them
    private static final Integer DNS_NAME = 2;
    private static final Integer URI = 6;

    private CertificateNames() {}

    static Client.Certified identity(X509Certificate certificate) {
        Set<String> names = new HashSet<>();
        String subject = certificate.getSubjectX500Principal().getName();
        addCommonNames(subject, names);
        addAlternativeNames(certificate, names);
        return new Client.Certified(subject, names);
    }

    private static void addCommonNames(String subject, Set<String> names) {
        try {
            for (Rdn part : new LdapName(subject).getRdns()) {
                if (part.getType().equalsIgnoreCase("CN") && part.getValue() instanceof String name) {
                    names.add("CN:" + name);
                }
            }
        } catch (InvalidNameException unreadable) {
            names.clear(); // a name that cannot be read is none
        }
    }

    private static void addAlternativeNames(X509Certificate certificate, Set<String> names) {
        for (List<?> name : alternativeNames(certificate)) {
            if (DNS_NAME.equals(name.get(0)) && name.get(1) instanceof String dns) {
                names.add("DNS:" + dns.toLowerCase(Locale.ROOT));
            } else if (URI.equals(name.get(0)) && name.get(1) instanceof String uri) {
                names.add("URI:" + uri);
            }
        }
    }

    private static Collection<List<?>> alternativeNames(X509Certificate certificate) {
        try {
            @Nullable Collection<List<?>> found = certificate.getSubjectAlternativeNames();
            return found == null ? List.of() : found;
        } catch (CertificateParsingException unreadable) {
            return List.of();
        }
    }
}
