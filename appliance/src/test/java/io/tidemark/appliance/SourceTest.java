package io.tidemark.appliance;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.netty.channel.DefaultEventLoop;
import io.tidemark.events.EventLog;
import io.tidemark.failover.FailoverPatience;
import io.tidemark.failover.Failovers;
import io.tidemark.failover.Roles;
import io.tidemark.intake.ExportTable;
import io.tidemark.intake.IntakeMeter;
import io.tidemark.intake.IntakeSettings;
import io.tidemark.intake.LoopOwner;
import io.tidemark.journal.StreamId;
import io.tidemark.journal.chronicle.ChronicleSegments;
import io.tidemark.journal.log.JournalSettings;
import io.tidemark.link.LinkSettings;
import io.tidemark.link.Security;
import io.tidemark.link.Site;
import io.tidemark.link.SiteId;
import io.tidemark.link.SiteName;
import io.tidemark.link.sender.LinkDialer;
import io.tidemark.link.transport.Endpoint;
import io.tidemark.link.transport.Loops;
import io.tidemark.replica.ReplicaSettings;
import io.tidemark.ship.BacklogLimit;
import io.tidemark.ship.ShipSettings;
import io.tidemark.stage.StagedAppliance;
import io.tidemark.state.FolderFiles;
import io.tidemark.target.TargetSettings;
import io.tidemark.volume.ApplySettings;
import io.tidemark.volume.VolumeFolder;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.time.InstantSource;
import java.util.List;
import java.util.Random;
import java.util.UUID;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.concurrent.Executor;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.ScheduledExecutorService;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class SourceTest {

    private static final Peer PEER = new Peer("away", List.of("127.0.0.1:1"), 1, true, 0, new UUID(1, 2));

    @TempDir
    Path folder;

    private final Made threads = new Made();
    private final DefaultEventLoop loop = new DefaultEventLoop();
    private final Loops loops = Loops.open(1, Thread::new);

    @AfterEach
    void end() {
        loops.close();
        loop.shutdownGracefully(0, 1, TimeUnit.SECONDS).awaitUninterruptibly();
        threads.end();
    }

    @Test
    void anOpeningThatFailsGivesBackItsThreadsAndTheLock() throws Exception {
        open().close();
        Path checkpoint = folder.resolve("checkpoint.json");
        Files.writeString(checkpoint, "{");

        // When
        assertThatThrownBy(this::open).isInstanceOf(IOException.class).hasMessageContaining("checkpoint.json");

        // Then
        assertThat(threads.all).allMatch(ExecutorService::isShutdown);
        Files.delete(checkpoint);
        Source source = open();
        assertThat(source.status().problems()).isEmpty();
        source.close();
    }

    @Test
    void aJournalThatIsOpenIsRefusedAndLeftAlone() throws Exception {
        Source source = open();
        int before = threads.all.size();

        // When
        assertThatThrownBy(this::open).hasMessageContaining("is open in");

        // Then
        assertThat(threads.all.stream().skip(before)).allMatch(ExecutorService::isShutdown);
        assertThat(threads.all.stream().limit(before)).noneMatch(ExecutorService::isShutdown);
        source.close();
    }

    private Source open() throws Exception {
        Random random = new Random(5);
        Site site = new Site(new SiteId(new UUID(3, 4)), new SiteName("here"));
        Endpoint endpoint =
                new Endpoint(loops, site, new Security.PlaintextOnLoopback(), LinkSettings.DEFAULTS, System::nanoTime);
        Environment environment = new Environment(
                site,
                new UUID(5, 6),
                threads,
                new ChronicleSegments(),
                new LinkDialer(endpoint, threads.blocking(), random),
                StagedAppliance.NO_TARGETS,
                new ExportTable(),
                new EventLog(InstantSource.system()),
                new Silent(),
                delay -> {},
                InstantSource.system(),
                System::nanoTime,
                random);
        JournalSettings journal = new JournalSettings(1 << 20, 1, 1 << 30, 0, 1 << 14, Duration.ofMillis(50));
        ApplianceSettings settings = new ApplianceSettings(
                folder,
                journal,
                journal,
                IntakeSettings.defaults(),
                ApplySettings.defaults(),
                ShipSettings.defaults(),
                new BacklogLimit(1),
                TargetSettings.defaults(),
                ReplicaSettings.defaults(),
                1,
                Duration.ofSeconds(1));
        Roles roles = new Roles("here", new FolderFiles(folder), Runnable::run);
        return new Source(
                environment,
                settings,
                roles,
                new Failovers(
                        new Failovers.Parts(
                                new FolderFiles(folder.resolve("failovers")),
                                "here",
                                roles,
                                new PromotedVms(List::of, List::of, () -> new StreamId(new UUID(1, 1))),
                                replica -> new VolumeFolder(folder.resolve("received")),
                                Runnable::run,
                                environment.events(),
                                InstantSource.system(),
                                System::nanoTime),
                        FailoverPatience.defaults()),
                PEER,
                folder,
                new LoopOwner(loop));
    }

    /** Threads that are counted. */
    private static final class Made implements Threads {

        private final ConcurrentLinkedQueue<ScheduledExecutorService> all = new ConcurrentLinkedQueue<>();
        private final ExecutorService shared = Executors.newSingleThreadExecutor();

        @Override
        public OwnerThread owner(String name) {
            ScheduledExecutorService thread = single(name);
            return new OwnerThread() {
                @Override
                public void close() {
                    thread.shutdown();
                }

                @Override
                public boolean isCurrent() {
                    return true;
                }

                @Override
                public void execute(Runnable task) {
                    thread.execute(task);
                }

                @Override
                public void after(Duration delay, Runnable task) {
                    var unused = thread.schedule(task, delay.toNanos(), TimeUnit.NANOSECONDS);
                }
            };
        }

        @Override
        public ScheduledExecutorService single(String name) {
            ScheduledExecutorService thread = Executors.newSingleThreadScheduledExecutor();
            all.add(thread);
            return thread;
        }

        @Override
        public Executor blocking() {
            return shared;
        }

        void end() {
            all.forEach(ExecutorService::shutdownNow);
            shared.shutdownNow();
        }
    }

    private static final class Silent implements IntakeMeter {

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
