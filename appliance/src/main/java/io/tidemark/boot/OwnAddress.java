package io.tidemark.boot;

import java.net.Inet4Address;
import java.net.InetAddress;
import java.net.NetworkInterface;
import java.net.SocketException;
import java.util.Comparator;
import java.util.List;
import java.util.Optional;

/** The address that people are told for a listener: where it listens, or one of this machine's if that is everywhere. */
final class OwnAddress {

    private OwnAddress() {}

    /** As text for a URI, without a scope; the wildcard itself if the machine has no address that others could reach. */
    static String of(InetAddress listening) {
        InetAddress told =
                listening.isAnyLocalAddress() ? reachable(ofThisMachine()).orElse(listening) : listening;
        return told.getHostAddress().replaceFirst("%.*", "");
    }

    /** The first address that others can reach without knowing the way; IPv4 comes before IPv6. */
    static Optional<InetAddress> reachable(List<InetAddress> addresses) {
        return addresses.stream()
                .filter(address -> !address.isLoopbackAddress() && !address.isLinkLocalAddress())
                .min(Comparator.comparing(address -> !(address instanceof Inet4Address)));
    }

    private static List<InetAddress> ofThisMachine() {
        try {
            return NetworkInterface.networkInterfaces()
                    .sorted(Comparator.comparingInt(NetworkInterface::getIndex))
                    .flatMap(NetworkInterface::inetAddresses)
                    .toList();
        } catch (SocketException e) {
            return List.of();
        }
    }
}
