package io.tidemark.access;

import java.net.InetAddress;
import java.util.Collection;
import java.util.Locale;
import java.util.Optional;
import java.util.Set;
import java.util.stream.Collectors;
import java.util.stream.Stream;

/**
 * By which names this site is asked. A page of somebody else can have its own name lead to an address here, and its browser then takes it for this site's;
 * but it asks under that name, which is none of these.
 */
public final class HostNames {

    private static final String LOCALHOST = "localhost";

    private final boolean any;
    private final Set<String> known;

    private HostNames(boolean any, Set<String> known) {
        this.any = any;
        this.known = known;
    }

    /** For a site that whoever asks has to show a token: a page of somebody else has none. */
    public static HostNames any() {
        return new HostNames(true, Set.of());
    }

    /** Loopback, the address that was reached, and these. */
    public static HostNames only(Collection<String> names) {
        return new HostNames(
                false,
                Stream.concat(Stream.of(LOCALHOST), names.stream())
                        .map(HostNames::bare)
                        .collect(Collectors.toUnmodifiableSet()));
    }

    /**
     * Whether the site may be asked by this name.
     *
     * @param host a name or an address, without a port
     * @param reached the address that the request came to
     */
    public boolean include(String host, String reached) {
        String asked = bare(host);
        return any
                || known.contains(asked)
                || literal(asked)
                        .filter(address -> address.isLoopbackAddress()
                                || literal(reached).filter(address::equals).isPresent())
                        .isPresent();
    }

    private static String bare(String host) {
        String lower = host.toLowerCase(Locale.ROOT);
        if (lower.startsWith("[") && lower.endsWith("]")) {
            return lower.substring(1, lower.length() - 1);
        }
        return lower.endsWith(".") ? lower.substring(0, lower.length() - 1) : lower;
    }

    /** Asks nobody. */
    private static Optional<InetAddress> literal(String text) {
        try {
            return Optional.of(InetAddress.ofLiteral(text));
        } catch (IllegalArgumentException name) {
            return Optional.empty();
        }
    }
}
