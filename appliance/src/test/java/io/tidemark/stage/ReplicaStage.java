package io.tidemark.stage;

import io.tidemark.events.EventLog;
import io.tidemark.journal.Extent;
import io.tidemark.journal.Incarnation;
import io.tidemark.journal.Lease;
import io.tidemark.journal.Range;
import io.tidemark.journal.Resolved;
import io.tidemark.journal.Sequence;
import io.tidemark.journal.log.JournalIdentity;
import io.tidemark.journal.log.JournalSettings;
import io.tidemark.journal.log.JournalThreads;
import io.tidemark.journal.log.SegmentedJournal;
import io.tidemark.link.Ending;
import io.tidemark.link.IncomingRange;
import io.tidemark.link.Lineage;
import io.tidemark.replica.Beginnings;
import io.tidemark.replica.HeldPoint;
import io.tidemark.replica.PointChoice;
import io.tidemark.replica.Provenance;
import io.tidemark.replica.Replica;
import io.tidemark.replica.ReplicaSettings;
import io.tidemark.replica.ReplicaStatus;
import io.tidemark.state.FolderFiles;
import io.tidemark.vm.Disk;
import io.tidemark.vm.RecoveryPoint;
import io.tidemark.vm.Vm;
import io.tidemark.volume.ApplySettings;
import io.tidemark.volume.DiskReader;
import io.tidemark.volume.VolumeFolder;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.ByteBuffer;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.time.InstantSource;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.UUID;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.Executor;
import java.util.concurrent.Executors;
import java.util.concurrent.ScheduledExecutorService;
import java.util.function.Supplier;
import java.util.stream.Stream;

/** A replica on a real journal and real volumes, with the test as its owner and as the link. */
public final class ReplicaStage implements AutoCloseable {

    public static final Duration WINDOW = Duration.ofHours(1);
    public static final ReplicaSettings SETTINGS =
            new ReplicaSettings(WINDOW, 1L << 30, 64 << 20, Duration.ofSeconds(1), 1L << 30, 1L << 30, 1);

    public final StagedOwner owner;
    public final StagedSegments segments = new StagedSegments();
    /** What a failover stands on. */
    public volatile Supplier<Optional<Sequence>> promoted = Optional::empty;

    public Beginnings beginnings = Beginnings.NOTHING;

    public final EventLog events = new EventLog(InstantSource.system());
    private final Path temporary;
    private final ReplicaSettings settings;
    private final JournalSettings journalSettings;
    private final ScheduledExecutorService forcer = Executors.newSingleThreadScheduledExecutor();
    private final ScheduledExecutorService keeper = Executors.newSingleThreadScheduledExecutor();
    private final ScheduledExecutorService applying = Executors.newSingleThreadScheduledExecutor();
    private Path folder;
    private Replica replica;
    private RecordedDownlink link = new RecordedDownlink(SourceStage.JOURNAL);
    private int leases;
    private long lives = 900;

    public ReplicaStage(StagedOwner owner, Path temporary, ReplicaSettings settings) throws IOException {
        this(owner, temporary, settings, SourceStage.SMALL);
    }

    public ReplicaStage(StagedOwner owner, Path temporary, ReplicaSettings settings, JournalSettings journalSettings)
            throws IOException {
        this.owner = owner;
        this.temporary = temporary;
        this.settings = settings;
        this.journalSettings = journalSettings;
        folder = Files.createTempDirectory(temporary, "replica");
        replica = replica();
        owner.await(replica.open());
    }

    public Replica now() {
        return replica;
    }

    public Path folder() {
        return folder;
    }

    public RecordedDownlink link() {
        return link;
    }

    /** Ranges that were handed over and whose memory was not given back. */
    public int leases() {
        return leases;
    }

    /** A new session; what it welcomes the sender with. */
    public Sequence connect() {
        link = new RecordedDownlink(SourceStage.JOURNAL);
        replica.onOpened(link);
        owner.until(() -> link.resume.isPresent() || !link.refusals.isEmpty());
        Sequence last = link.resume.orElseThrow().last();
        replica.onStart(last.next());
        return last;
    }

    public void disconnect() {
        replica.onEnded(new Ending.Lost("the test"));
    }

    public void deliver(Range range) {
        leases++;
        Lease once = new Lease() {
            private boolean closed;

            @Override
            public void close() {
                if (closed) {
                    throw new AssertionError("a lease was closed again");
                }
                closed = true;
                leases--;
            }
        };
        Range copy = new Range(
                range.first(), range.last(), range.count(), range.body().duplicate());
        replica.takeRange(new IncomingRange(copy, once));
    }

    /** Ships everything there is in a session of its own, and waits until it is acknowledged as durable. */
    public void shipAll(SourceStage source) {
        Sequence last = connect();
        source.ranges(last, 8 << 10).forEach(this::deliver);
        owner.until(() -> link.durable().equals(source.journal().appended())
                || last.equals(source.journal().appended()));
        disconnect();
    }

    /** Time passes, and what has left the window then is folded. */
    public void pass(Duration time) {
        owner.pass(time);
        Sequence floor = status().floor();
        owner.until(() -> status().applied().equals(floor));
    }

    public ReplicaStatus status() {
        return owner.await(replica.status());
    }

    public List<RecoveryPoint> points(Vm vm) {
        return owner.await(replica.points(vm.id()));
    }

    public Optional<HeldPoint> hold(Vm vm, PointChoice choice) {
        return owner.await(replica.hold(vm.id(), choice, () -> {}));
    }

    /** All bytes of a disk at a point, as a drill would read them. */
    public static byte[] read(HeldPoint point, Disk disk) {
        ByteBuffer bytes = ByteBuffer.allocate((int) disk.sizeBytes());
        try (Resolved resolved = point.content()
                .view()
                .resolve(
                        disk.id(),
                        new Extent(0, disk.sizeBytes()),
                        point.content().applied().get())) {
            DiskReader.read(resolved, point.content().volumes().open(disk.id(), disk.sizeBytes()), bytes);
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
        return bytes.array();
    }

    /** Ends this life in good order, and begins another. */
    public void restart() {
        stop();
        replica = replica();
        owner.await(replica.open());
    }

    public void stop() {
        disconnect();
        Replica stopping = replica;
        owner.beside(stopping::close);
    }

    /** The process dies between two tasks of its threads: another life begins with what the page cache held then. */
    public void kill() throws Exception {
        Path left = Files.createTempDirectory(temporary, "killed");
        Path from = folder;
        CountDownLatch copied = new CountDownLatch(1);
        try {
            owner.await(parked(applying, copied));
            owner.await(parked(keeper, copied));
            copy(from, left); // on the owner's thread, which writes files too
        } finally {
            copied.countDown();
        }
        stop();
        folder = left;
        replica = replica();
        owner.await(replica.open());
    }

    /** Another life of what is in the folder; the one before has ended. */
    public void begin() {
        replica = replica();
        owner.await(replica.open());
    }

    @Override
    public void close() {
        segments.release();
        stop();
        List.of(forcer, keeper, applying).forEach(ScheduledExecutorService::shutdownNow);
    }

    private Replica replica() {
        Path at = folder;
        return new Replica(
                new Replica.Parts(
                        new Provenance(Lineage.whole(SourceStage.JOURNAL), "here", 1),
                        new FolderFiles(folder),
                        new VolumeFolder(folder.resolve("volumes")),
                        owner,
                        lineage -> SegmentedJournal.open(
                                at.resolve("journal"),
                                new JournalIdentity(
                                        lineage.id(),
                                        JournalIdentity.Kind.REPLICA,
                                        new Incarnation(++lives),
                                        new UUID(5, 6)),
                                journalSettings,
                                new JournalThreads(owner, forcer, keeper),
                                segments,
                                InstantSource.system()),
                        beginnings,
                        () -> promoted.get(),
                        applying,
                        Runnable::run,
                        events,
                        owner::nanoTime),
                settings,
                new ApplySettings(1 << 16, 1 << 20, Duration.ofMillis(20), Duration.ofMillis(20), 0));
    }

    /** Complete once the thread has finished what it was at; it does nothing more until it is released. */
    private static CompletableFuture<Void> parked(Executor thread, CountDownLatch released) {
        CompletableFuture<Void> reached = new CompletableFuture<>();
        thread.execute(() -> {
            reached.complete(null);
            try {
                released.await();
            } catch (InterruptedException e) {
                Thread.currentThread().interrupt();
            }
        });
        return reached;
    }

    private static void copy(Path from, Path to) {
        List<Path> all = new ArrayList<>();
        try (Stream<Path> tree = Files.walk(from)) {
            tree.filter(each -> !each.equals(from)).forEach(all::add);
            for (Path each : all) {
                Files.copy(each, to.resolve(from.relativize(each).toString()));
            }
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }
}
