package io.tidemark.appliance;

import io.tidemark.link.Destination;
import java.util.regex.Pattern;

/** Addresses as people write them: {@code host:port}, {@code [address]:port} for IPv6. */
public final class Addresses {

    private static final Pattern HOST = Pattern.compile("[\\p{Alnum}._:%-]{1,255}");
    private static final int PORT_MAX = 65535;

    private Addresses() {}

    /** Reads the address of somebody else. */
    public static Destination.HostPort parse(String text) {
        Destination.HostPort parsed = parseListener(text);
        if (parsed.port() == 0) {
            throw new IllegalArgumentException("address '" + text + "' has port 0");
        }
        return parsed;
    }

    /** Reads an address to listen on; port 0 takes any that is free. */
    public static Destination.HostPort parseListener(String text) {
        int colon = text.lastIndexOf(':');
        if (colon <= 0) {
            throw new IllegalArgumentException("address '" + text + "' is not host:port");
        }
        String host = text.substring(0, colon);
        boolean bracketed = host.startsWith("[") && host.endsWith("]");
        String bare = bracketed ? host.substring(1, host.length() - 1) : host;
        if (!HOST.matcher(bare).matches()) {
            throw new IllegalArgumentException("address '" + text + "' has no host that could be one");
        }
        return new Destination.HostPort(bare, port(text, text.substring(colon + 1)));
    }

    private static int port(String text, String digits) {
        try {
            int port = Integer.parseInt(digits);
            if (port >= 0 && port <= PORT_MAX) {
                return port;
            }
        } catch (NumberFormatException e) {
            throw new IllegalArgumentException("address '" + text + "' has no port number", e);
        }
        throw new IllegalArgumentException("address '" + text + "' has a port that is not between 0 and " + PORT_MAX);
    }
}
