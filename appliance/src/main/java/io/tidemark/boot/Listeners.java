package io.tidemark.boot;

import io.tidemark.appliance.Addresses;
import io.tidemark.config.Settings;
import io.tidemark.config.TidemarkConfig;
import io.tidemark.intake.ExportTable;
import io.tidemark.link.Destination;
import io.tidemark.link.ReceiverDirectory;
import io.tidemark.link.receiver.LinkServer;
import io.tidemark.link.transport.Endpoint;
import io.tidemark.nbd.memory.PayloadBudget;
import io.tidemark.nbd.server.Listener;
import io.tidemark.nbd.server.NbdServer;
import io.tidemark.nbd.transport.ListeningSocket;
import io.tidemark.nbd.transport.Transport;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.UnknownHostException;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** Where clients and peers come in. Each says at the start where it listens. */
final class Listeners {

    private static final Logger LOG = LoggerFactory.getLogger(Listeners.class);

    private final TidemarkConfig config;
    private final NbdServer nbd;
    private final Optional<LinkServer> link;

    /**
     * Begins to listen.
     *
     * @param handedOver the socket for NBD clients if somebody else holds it; it counts, and not what the settings say
     */
    Listeners(
            TidemarkConfig config,
            Optional<ListeningSocket.Inherited> handedOver,
            Transport transport,
            ExportTable exports,
            Endpoint endpoint,
            ReceiverDirectory receivers) {
        Settings settings = new Settings(config);
        this.config = config;
        ListeningSocket own = new ListeningSocket.Own(
                address("tidemark.nbd.listen", config.nbd().listen()));
        nbd = NbdServer.start(
                new Listener(
                        handedOver.map(ListeningSocket.class::cast).orElse(own),
                        settings.nbdTls(),
                        config.nbd().list() ? Listener.Listing.SHOWN : Listener.Listing.HIDDEN,
                        settings.nbd()),
                exports,
                transport,
                new PayloadBudget(config.nbd().payloadBudget().asLongValue()));
        link = config.link().listen().map(listen -> LinkServer.bind(
                        endpoint, address("tidemark.link.listen", listen), receivers)
                .toCompletableFuture()
                .join());
        tell("NBD", nbd.address());
        handedOver.ifPresent(socket -> LOG.info(
                "the socket for NBD was handed over as descriptor {} (LISTEN_FDS): tidemark.nbd.listen does not count",
                socket.descriptor()));
        link.ifPresent(server -> tell("peers", server.address()));
    }

    /** The host and port under which clients find exports. */
    Destination.HostPort nbdAddress() {
        return config.nbd()
                .advertise()
                .map(Addresses::parse)
                .orElseGet(() -> new Destination.HostPort(
                        OwnAddress.of(nbd.address().getAddress()), nbd.address().getPort()));
    }

    /**
     * Reads the certificates again, for whoever comes in from now on. It may wait for the disk.
     *
     * @throws IllegalArgumentException if some cannot be used; then those before still count
     */
    void reloadCertificates() {
        nbd.reloadCertificates();
        link.ifPresent(LinkServer::reloadCertificates);
    }

    /** Lets nobody in any more, and sends those who are there away. */
    CompletableFuture<Void> close() {
        CompletableFuture<Void> nbdClosed = nbd.stop(config.stopDeadline()).toCompletableFuture();
        CompletableFuture<Void> linkClosed = link.map(LinkServer::close)
                .orElseGet(() -> CompletableFuture.completedFuture(null))
                .toCompletableFuture();
        return CompletableFuture.allOf(nbdClosed, linkClosed);
    }

    private static void tell(String whom, InetSocketAddress address) {
        LOG.info(
                "listening for {} on {}{}",
                whom,
                address,
                address.getAddress().isLoopbackAddress() ? ", loopback only: other machines cannot reach it" : "");
    }

    private static InetSocketAddress address(String key, String text) {
        try {
            Destination.HostPort parsed = Addresses.parseListener(text);
            return new InetSocketAddress(InetAddress.getByName(parsed.host()), parsed.port());
        } catch (IllegalArgumentException | UnknownHostException e) {
            throw new IllegalArgumentException(key + ": " + e.getMessage(), e);
        }
    }
}
