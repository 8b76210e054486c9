package io.tidemark.nbd.clients;

import static org.assertj.core.api.Assertions.assertThat;

import io.tidemark.nbd.BlockSizes;
import io.tidemark.nbd.ExportInfo;
import io.tidemark.nbd.ExportInfo.Access;
import io.tidemark.nbd.ExportInfo.Medium;
import io.tidemark.nbd.ExportInfo.Sharing;
import io.tidemark.nbd.ExportName;
import io.tidemark.nbd.Length;
import io.tidemark.nbd.Limits;
import io.tidemark.nbd.memory.PayloadBudget;
import io.tidemark.nbd.ram.RamDirectory;
import io.tidemark.nbd.ram.RamExport;
import io.tidemark.nbd.server.Listener;
import io.tidemark.nbd.server.Listener.Listing;
import io.tidemark.nbd.server.NbdServer;
import io.tidemark.nbd.server.TlsPolicy;
import io.tidemark.nbd.transport.ListeningSocket;
import io.tidemark.nbd.transport.Transport;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.time.Duration;
import java.util.concurrent.TimeUnit;

/** Three exports in memory behind a real socket: an ordinary disk, a huge one, and one that cannot be written. */
final class Served implements AutoCloseable {
    static final long DISK_BYTES = 64L << 20;
    static final long HUGE_BYTES = 64L << 40;

    private static final long PATIENCE_SECONDS = 30;

    private final Transport transport = Transport.open("nbd", 2);
    private final PayloadBudget budget = new PayloadBudget(64 << 20);
    private final NbdServer server;

    private Served(TlsPolicy tls, Listing listing) {
        RamExport disk = RamExport.at(transport.next(), RamExport.info("disk", DISK_BYTES));
        RamExport huge = RamExport.at(transport.next(), RamExport.info("huge", HUGE_BYTES));
        ExportInfo frozen = new ExportInfo(
                new ExportName("frozen"),
                "cannot be written",
                new Length(DISK_BYTES),
                Access.READ_ONLY,
                Sharing.MANY_CONNECTIONS,
                Medium.ROTATIONAL,
                BlockSizes.STANDARD);
        server = NbdServer.start(
                new Listener(
                        new ListeningSocket.Own(new InetSocketAddress(InetAddress.getLoopbackAddress(), 0)),
                        tls,
                        listing,
                        Limits.STANDARD),
                new RamDirectory(disk, huge, RamExport.anywhere(frozen)),
                transport,
                budget);
    }

    static Served plainly() {
        return new Served(new TlsPolicy.Off(), Listing.SHOWN);
    }

    static Served hidden() {
        return new Served(new TlsPolicy.Off(), Listing.HIDDEN);
    }

    static Served under(TlsPolicy tls) {
        return new Served(tls, Listing.SHOWN);
    }

    int port() {
        return server.address().getPort();
    }

    /** Where to find an export, for every client. */
    String uri(String export) {
        return "nbd://localhost:" + port() + "/" + export;
    }

    /** Where to find an export under TLS, for libnbd. */
    String tlsUri(String export, Object certificates) {
        return "nbds://localhost:" + port() + "/" + export + "?tls-certificates=" + certificates;
    }

    @Override
    public void close() {
        server.stop(Duration.ofSeconds(PATIENCE_SECONDS))
                .toCompletableFuture()
                .orTimeout(2 * PATIENCE_SECONDS, TimeUnit.SECONDS)
                .join();
        transport
                .close()
                .toCompletableFuture()
                .orTimeout(PATIENCE_SECONDS, TimeUnit.SECONDS)
                .join();
        assertThat(budget.freeBytes()).isEqualTo(budget.totalBytes());
    }
}
