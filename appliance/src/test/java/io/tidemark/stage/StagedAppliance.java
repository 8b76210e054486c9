package io.tidemark.stage;

import io.netty.channel.DefaultEventLoopGroup;
import io.tidemark.appliance.Appliance;
import io.tidemark.appliance.ApplianceSettings;
import io.tidemark.appliance.Environment;
import io.tidemark.appliance.Peer;
import io.tidemark.events.EventLog;
import io.tidemark.intake.ExportTable;
import io.tidemark.intake.IntakeMeter;
import io.tidemark.intake.IntakeSettings;
import io.tidemark.intake.LoopOwner;
import io.tidemark.journal.StreamId;
import io.tidemark.journal.log.JournalSettings;
import io.tidemark.link.LinkSettings;
import io.tidemark.link.Security;
import io.tidemark.link.Site;
import io.tidemark.link.SiteId;
import io.tidemark.link.SiteName;
import io.tidemark.link.receiver.LinkServer;
import io.tidemark.link.sender.LinkDialer;
import io.tidemark.link.transport.Endpoint;
import io.tidemark.link.transport.Loops;
import io.tidemark.nbd.client.ClientTls;
import io.tidemark.replica.ReplicaSettings;
import io.tidemark.resync.CopySettings;
import io.tidemark.ship.BacklogLimit;
import io.tidemark.ship.ShipSettings;
import io.tidemark.target.TargetAccess;
import io.tidemark.target.TargetSettings;
import io.tidemark.volume.ApplySettings;
import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.nio.file.Path;
import java.time.Duration;
import java.time.InstantSource;
import java.util.ArrayList;
import java.util.List;
import java.util.OptionalLong;
import java.util.Random;
import java.util.UUID;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;
import java.util.function.BooleanSupplier;

/** A whole appliance but for its NBD server and REST, on loopback, in a folder. */
public final class StagedAppliance implements AutoCloseable {

    /** Of one site, that another keeps. */
    public static final int JOURNALS_PER_PEER_MAX = 3;

    /** For sites that ship to no NBD server. */
    public static final TargetAccess NO_TARGETS = new TargetAccess(
            destination -> CompletableFuture.failedFuture(new IOException("no way to " + destination)),
            new ClientTls.Off());

    private static final Duration PATIENCE = Duration.ofSeconds(30);
    private static final Security PLAIN = new Security.PlaintextOnLoopback();
    private static final int DRILLS_MAX = 4;

    public final ExportTable exports = new ExportTable();
    public final EventLog events = new EventLog(InstantSource.system());
    private final StagedThreads threads = new StagedThreads();
    private final DefaultEventLoopGroup owners = new DefaultEventLoopGroup(1);
    private final Loops loops = Loops.open(1, task -> new Thread(task, "link"));
    private final Appliance appliance;
    private final LinkServer server;

    /**
     * What a site has for each journal, and what it does when that is used up.
     *
     * @param forceInterval of the volumes
     */
    public record Room(long quotaBytes, BacklogLimit backlog, Duration forceInterval) {

        static final Room PLENTY = new Room(64 << 20, new BacklogLimit(1), Duration.ofMillis(50));
    }

    /** Starts the site of this name on what is in the folder. */
    public StagedAppliance(String name, Path folder) throws Exception {
        this(name, folder, new Unmetered());
    }

    /** Starts the site of this name on what is in the folder, and tells the meter what clients do. */
    public StagedAppliance(String name, Path folder, IntakeMeter meter) throws Exception {
        this(name, folder, meter, Room.PLENTY);
    }

    /** Starts the site of this name on what is in the folder, with so much room. */
    public StagedAppliance(String name, Path folder, Room room) throws Exception {
        this(name, folder, new Unmetered(), room);
    }

    private StagedAppliance(String name, Path folder, IntakeMeter meter, Room room) throws Exception {
        Site site = new Site(new SiteId(new UUID(9, name.hashCode())), new SiteName(name));
        Endpoint endpoint = new Endpoint(loops, site, PLAIN, LinkSettings.DEFAULTS, System::nanoTime);
        Random random = new Random();
        Environment environment = new Environment(
                site,
                new UUID(5, 5),
                threads,
                new StagedSegments(),
                new LinkDialer(endpoint, threads.blocking(), random),
                NO_TARGETS,
                exports,
                events,
                meter,
                delay -> {},
                InstantSource.system(),
                System::nanoTime,
                random);
        try {
            appliance = new Appliance(environment, settings(folder, room), () -> new LoopOwner(owners.next()));
        } catch (IOException | RuntimeException e) {
            endThreads();
            throw e;
        }
        server = LinkServer.bind(
                        endpoint, new InetSocketAddress(InetAddress.getLoopbackAddress(), 0), appliance.receivers())
                .toCompletableFuture()
                .join();
    }

    public Appliance now() {
        return appliance;
    }

    /** The other site as a peer that takes VMs. */
    public static Peer to(String name, int port) {
        return new Peer(name, List.of("127.0.0.1:" + port), 2, true, 0, UUID.randomUUID());
    }

    /** A site that only ships to this one. */
    public static Peer from(String name) {
        return new Peer(name, List.of(), 2, true, 0, UUID.randomUUID());
    }

    /** Where other sites find this one. */
    public int port() {
        return server.address().getPort();
    }

    /** A client of the export of this name, once it lets clients in. */
    public StagedClient client(String export) throws InterruptedException {
        List<StagedClient> found = new ArrayList<>();
        until(() -> {
            StagedClient.open(exports, export).ifPresent(found::add);
            return !found.isEmpty();
        });
        return found.getFirst();
    }

    /** Waits until the condition holds. */
    public static void until(BooleanSupplier condition) throws InterruptedException {
        long deadline = System.nanoTime() + PATIENCE.toNanos();
        while (!condition.getAsBoolean()) {
            if (System.nanoTime() > deadline) {
                throw new AssertionError("still not so after " + PATIENCE);
            }
            TimeUnit.MILLISECONDS.sleep(5);
        }
    }

    /** Stops in good order. */
    @Override
    public void close() {
        server.close().toCompletableFuture().join();
        appliance.close();
        endThreads();
    }

    private void endThreads() {
        threads.close();
        loops.close().toCompletableFuture().join();
        owners.shutdownGracefully(0, 1, TimeUnit.SECONDS).syncUninterruptibly();
    }

    private static ApplianceSettings settings(Path folder, Room room) {
        JournalSettings journal = new JournalSettings(1 << 20, 1, room.quotaBytes(), 0, 1 << 14, Duration.ofMillis(20));
        return new ApplianceSettings(
                folder,
                journal,
                journal,
                new IntakeSettings(
                        Duration.ofMillis(100),
                        0.8,
                        Duration.ofMillis(50),
                        Duration.ofSeconds(20),
                        Duration.ofMillis(500),
                        Duration.ofMinutes(1),
                        CopySettings.defaults(),
                        1 << 10),
                new ApplySettings(1 << 20, 8 << 20, room.forceInterval(), Duration.ofMillis(50), 0),
                new ShipSettings(
                        64 << 10,
                        ShipSettings.Compression.AUTO,
                        OptionalLong.empty(),
                        Duration.ofMillis(100),
                        Duration.ofMillis(20),
                        Duration.ofMillis(100),
                        ShipSettings.Merging.after(Duration.ofSeconds(30))),
                room.backlog(),
                TargetSettings.defaults(),
                new ReplicaSettings(
                        Duration.ofHours(1),
                        1L << 30,
                        16 << 20,
                        Duration.ofMillis(50),
                        1L << 30,
                        1L << 30,
                        JOURNALS_PER_PEER_MAX),
                DRILLS_MAX,
                Duration.ofSeconds(1));
    }

    private static final class Unmetered implements IntakeMeter {
        @Override
        public void written(StreamId stream, int bytes, long nanos) {}

        @Override
        public void flushed(StreamId stream, int bytes, long nanos) {}

        @Override
        public void read(StreamId stream, int bytes, long nanos) {}

        @Override
        public void refused(StreamId stream) {}
    }
}
