package io.tidemark.link;

import java.util.List;

/**
 * Where a lineage of a journal is shipped to.
 *
 * @param addresses tried in this order; the first that takes a connection serves the whole session
 * @param peer the site that must be there
 * @param connections of the session, 1 to 64
 */
public record Destination(List<HostPort> addresses, SiteName peer, Lineage lineage, int connections) {

    public static final int CONNECTIONS_DEFAULT = 4;
    public static final int CONNECTIONS_MAX = 64;

    /** A host by name or address, and its port. */
    public record HostPort(String host, int port) {

        @Override
        public String toString() {
            return host + ":" + port;
        }
    }

    public Destination {
        addresses = List.copyOf(addresses);
        if (addresses.isEmpty() || connections < 1 || connections > CONNECTIONS_MAX) {
            throw new IllegalArgumentException(connections + " connections to " + addresses);
        }
    }
}
