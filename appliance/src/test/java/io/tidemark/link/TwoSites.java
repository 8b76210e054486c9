package io.tidemark.link;

import static org.assertj.core.api.Assertions.assertThat;

import io.netty.buffer.PoolArenaMetric;
import io.netty.buffer.PooledByteBufAllocator;
import io.tidemark.journal.JournalId;
import io.tidemark.journal.PumpedOwner;
import io.tidemark.link.receiver.LinkServer;
import io.tidemark.link.sender.LinkDialer;
import io.tidemark.link.transport.Endpoint;
import io.tidemark.link.transport.Loops;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.util.ArrayList;
import java.util.List;
import java.util.Random;
import java.util.UUID;
import java.util.concurrent.CompletionStage;
import java.util.function.BooleanSupplier;
import java.util.function.LongSupplier;
import java.util.stream.Stream;

/**
 * Two sites on loopback, {@code here} and {@code there}. The test's thread owns what both are told: it runs only while
 * the test waits for something.
 *
 * <p>Closing it fails if a buffer was not released or a lease not closed exactly once. The allocator has no caches, so
 * its count of buffers is exact: nothing depends on when garbage is found.
 */
public final class TwoSites implements AutoCloseable {

    public static final JournalId JOURNAL = new JournalId(new UUID(7, 8));
    public static final SiteName HERE = new SiteName("here");
    public static final SiteName THERE = new SiteName("there");

    private static final int PAGE_BYTES = 8 << 10;
    private static final int CHUNK_ORDER = 9;

    public final PumpedOwner owner = new PumpedOwner();
    public final Ranges ranges = new Ranges();
    private final PooledByteBufAllocator memory =
            new PooledByteBufAllocator(true, 1, 1, PAGE_BYTES, CHUNK_ORDER, 0, 0, false);
    private final Loops loops;
    private final LinkSettings settings;
    private final LongSupplier nanoTime;
    private final List<LinkServer> servers = new ArrayList<>();
    private final List<RecordingSender> senders = new ArrayList<>();

    public TwoSites() {
        this(LinkSettings.DEFAULTS);
    }

    public TwoSites(LinkSettings settings) {
        this(Loops.open(2, Thread::new), settings, System::nanoTime);
    }

    public TwoSites(Loops loops, LinkSettings settings, LongSupplier nanoTime) {
        this.loops = loops.with(memory);
        this.settings = settings;
        this.nanoTime = nanoTime;
    }

    public static Site site(SiteName name) {
        return new Site(new SiteId(new UUID(1, name.text().hashCode())), name);
    }

    public Endpoint endpoint(SiteName name, Security security) {
        return new Endpoint(loops, site(name), security, settings, nanoTime);
    }

    /** Listens at {@code there} for one journal of {@code here}. */
    public LinkServer listen(Security security, DownlinkListener receiver) {
        return listen(security, introduction -> new Admission.Accept(owner, receiver));
    }

    public LinkServer listen(Security security, ReceiverDirectory directory) {
        InetSocketAddress loopback = new InetSocketAddress(InetAddress.getLoopbackAddress(), 0);
        LinkServer server = await(LinkServer.bind(endpoint(THERE, security), loopback, directory));
        servers.add(server);
        return server;
    }

    /** Dials {@code there} from {@code here}. */
    public RecordingSender dial(LinkServer server, Security security, int connections) {
        return dial(server.address().getPort(), security, connections, new RecordingSender());
    }

    public RecordingSender dial(int port, Security security, int connections, RecordingSender sender) {
        return dial(HERE, security, new Destination(at(port), THERE, Lineage.whole(JOURNAL), connections), sender);
    }

    /** Ships any journal to {@code there}, over one connection, in the name of any site. */
    public RecordingSender dialFrom(String site, int port, Security security, JournalId journal) {
        return dial(
                new SiteName(site),
                security,
                new Destination(at(port), THERE, Lineage.whole(journal), 1),
                new RecordingSender());
    }

    private RecordingSender dial(SiteName from, Security security, Destination destination, RecordingSender sender) {
        LinkDialer dialer = new LinkDialer(endpoint(from, security), Runnable::run, new Random(senders.size()));
        sender.uplink(dialer.dial(destination, owner, sender));
        senders.add(sender);
        return sender;
    }

    private static List<Destination.HostPort> at(int port) {
        return List.of(new Destination.HostPort("127.0.0.1", port));
    }

    /** Runs what both sites are told, until the condition holds. */
    public void until(BooleanSupplier condition) {
        owner.until(condition);
    }

    /** What a stage brings, running the owner meanwhile. */
    public <T> T await(CompletionStage<T> stage) {
        owner.until(() -> stage.toCompletableFuture().isDone());
        return stage.toCompletableFuture().join();
    }

    /** Buffers that were allocated and not released. */
    public long buffers() {
        return Stream.concat(memory.metric().directArenas().stream(), memory.metric().heapArenas().stream())
                .mapToLong(PoolArenaMetric::numActiveAllocations)
                .sum();
    }

    public Ranges ranges() {
        return ranges;
    }

    @Override
    public void close() {
        senders.forEach(sender -> sender.uplink().close());
        servers.forEach(server -> await(server.close()));
        owner.until(() -> senders.stream().allMatch(RecordingSender::isOver));
        await(loops.close());
        owner.runWaiting();
        assertThat(buffers()).as("buffers not released").isZero();
        assertThat(ranges.open()).as("leases not closed").isZero();
        assertThat(ranges.closedAgain()).as("leases closed again").isZero();
    }
}
