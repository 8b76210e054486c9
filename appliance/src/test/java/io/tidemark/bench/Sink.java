package io.tidemark.bench;

import io.tidemark.link.Admission;
import io.tidemark.link.CountingReceiver;
import io.tidemark.link.Credit;
import io.tidemark.link.LinkSettings;
import io.tidemark.link.Security;
import io.tidemark.link.Site;
import io.tidemark.link.SiteId;
import io.tidemark.link.SiteName;
import io.tidemark.link.ThreadOwner;
import io.tidemark.link.receiver.LinkServer;
import io.tidemark.link.transport.Endpoint;
import io.tidemark.link.transport.Loops;
import java.net.InetSocketAddress;
import java.nio.file.Path;
import java.util.UUID;
import java.util.concurrent.CountDownLatch;

/**
 * A peer that takes whatever is shipped to it and acknowledges it as durable, without a disk: what a source can do when
 * nothing behind the link is in its way. The link is real, with its TLS, its credit and its acknowledgements.
 *
 * <p>Arguments: the name of the site, the host and the port to listen on, the folder with {@code site.crt},
 * {@code site.key} and {@code authorities.crt}. Prints a line when it listens, and runs until it is killed.
 */
public final class Sink {

    /** As much as a replica grants by default. */
    private static final Credit CREDIT = new Credit(64 << 20);

    private Sink() {}

    public static void main(String[] arguments) throws Exception {
        Path tls = Path.of(arguments[3]);
        Security security =
                new Security.Tls(tls.resolve("site.crt"), tls.resolve("site.key"), tls.resolve("authorities.crt"));
        Site site = new Site(new SiteId(UUID.randomUUID()), new SiteName(arguments[0]));
        Endpoint endpoint =
                new Endpoint(Loops.open(1, Thread::new), site, security, LinkSettings.DEFAULTS, System::nanoTime);
        try (ThreadOwner owner = new ThreadOwner("sink")) {
            LinkServer server = LinkServer.bind(
                            endpoint,
                            new InetSocketAddress(arguments[1], Integer.parseInt(arguments[2])),
                            sender -> new Admission.Accept(owner, new CountingReceiver(CREDIT)))
                    .toCompletableFuture()
                    .get();
            System.out.println("listening on " + server.address());
            new CountDownLatch(1).await();
        }
    }
}
