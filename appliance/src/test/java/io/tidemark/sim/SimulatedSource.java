package io.tidemark.sim;

import io.tidemark.appliance.BacklogKeeper;
import io.tidemark.appliance.ShippedJournal;
import io.tidemark.events.EventLog;
import io.tidemark.intake.ExportTable;
import io.tidemark.intake.IntakeSettings;
import io.tidemark.intake.JournalIntake;
import io.tidemark.intake.LifeBefore;
import io.tidemark.intake.PossibleLoss;
import io.tidemark.intake.Sending;
import io.tidemark.journal.Fault;
import io.tidemark.journal.InMemoryJournal;
import io.tidemark.journal.Incarnation;
import io.tidemark.journal.JournalId;
import io.tidemark.journal.Sequence;
import io.tidemark.journal.StreamId;
import io.tidemark.journal.VmId;
import io.tidemark.link.Destination;
import io.tidemark.link.Dialer;
import io.tidemark.link.Lineage;
import io.tidemark.link.SiteName;
import io.tidemark.resync.CopySettings;
import io.tidemark.resync.DirtyFiles;
import io.tidemark.ship.BacklogLimit;
import io.tidemark.ship.GivenUp;
import io.tidemark.ship.GivenUpFile;
import io.tidemark.ship.ShipSettings;
import io.tidemark.ship.ShipStatus;
import io.tidemark.ship.Shipper;
import io.tidemark.ship.TrackedFile;
import io.tidemark.state.Checkpoint;
import io.tidemark.vm.Ledger;
import io.tidemark.vm.VmDocument;
import io.tidemark.volume.Applier;
import io.tidemark.volume.ApplySettings;
import io.tidemark.volume.VolumeStore;
import io.tidemark.volume.Volumes;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.Optional;
import java.util.OptionalLong;
import java.util.Random;
import java.util.UUID;
import java.util.function.Function;
import java.util.function.Predicate;
import java.util.function.UnaryOperator;

/** One life of the source's process: put together as {@code appliance.Source} does it, on what the life before has left. */
final class SimulatedSource implements ShippedJournal {

    /**
     * What it has to do with other sites.
     *
     * @param peer where it is shipped to
     * @param fence why a VM takes no writes
     * @param undecided whether the copy of a disk must not end yet
     * @param volumes the same volumes, some of which may stand on a replica
     */
    record Place(
            JournalId journal,
            String peer,
            Dialer dialer,
            Function<VmId, Optional<String>> fence,
            Predicate<StreamId> undecided,
            UnaryOperator<VolumeStore> volumes) {

        /** Roles never change. */
        static Place alone(Dialer dialer) {
            return new Place(
                    JOURNAL, "replica", dialer, vm -> Optional.empty(), stream -> false, UnaryOperator.identity());
        }
    }

    static final JournalId JOURNAL = new JournalId(new UUID(7, 8));
    private static final IntakeSettings INTAKE = new IntakeSettings(
            Duration.ofMillis(25),
            0.8,
            Duration.ofMillis(3),
            Duration.ofMillis(200),
            Duration.ofMillis(60),
            Duration.ofMillis(22),
            CopySettings.defaults(),
            64);
    static final ApplySettings APPLY = new ApplySettings(3000, 6000, Duration.ofMillis(15), Duration.ofMillis(15), 0);
    private static final ShipSettings SHIP = new ShipSettings(
            1500,
            ShipSettings.Compression.OFF,
            OptionalLong.empty(),
            Duration.ofMillis(100),
            Duration.ofMillis(2),
            Duration.ofMillis(20),
            new ShipSettings.Merging(Duration.ofMillis(20), 20_000, 6000));

    private final Scheduler scheduler;
    private final Trace trace;
    private final Place place;
    private final SimulatedDisk disk;
    private final SimulatedThread owner;
    private final SimulatedThread applying;
    private final SimulatedThread shipping;
    private final SimulatedThread blocking;
    private final SimulatedThread otherLoop;
    private final InMemoryJournal journal;
    private final ExportTable exports = new ExportTable();
    private final Volumes volumes;
    private final Applier applier;
    private final Shipper shipper;
    private final JournalIntake intake;
    private final BacklogKeeper backlog;
    private long mergedRanges;

    /** Begins a life on what is on the disk. */
    SimulatedSource(
            Scheduler scheduler,
            SimulatedProcess process,
            SimulatedDisk disk,
            Trace trace,
            Place place,
            LifeBefore before,
            UUID boot,
            long quota,
            BacklogLimit limit)
            throws IOException {
        this.trace = trace;
        this.place = place;
        this.scheduler = scheduler;
        this.disk = disk;
        Random random = scheduler.random();
        owner = process.thread("owner");
        applying = process.thread("apply");
        shipping = process.thread("ship");
        blocking = process.pool("disk");
        otherLoop = process.thread("loop");
        EventLog events = new EventLog(scheduler::wall);
        disk.step(); // recovery has forced nothing yet
        journal = new InMemoryJournal(
                disk.journal(),
                new InMemoryJournal.Settings(
                        place.journal(),
                        false,
                        new Incarnation(random.nextLong()),
                        boot,
                        scheduler.upTo(Duration.ofMillis(6)),
                        quota),
                owner,
                scheduler::wall);
        volumes = new Volumes(place.volumes().apply(disk));
        Checkpoint checkpoint = Checkpoint.open(disk.files(), volumes);
        Sequence applied = checkpoint.applied();
        Violation.unless(
                !applied.isAfter(journal.durable()),
                "I2",
                () -> "the volumes are at record " + applied + ", the journal ends at " + journal.durable());
        Ledger ledger = checkpoint.ledger();
        journal.marks(applied, journal.durable(), ledger::apply);
        GivenUpFile givenUpFile = new GivenUpFile(disk.files(), VmDocument.mapper());
        TrackedFile trackedFile = new TrackedFile(disk.files(), VmDocument.mapper());
        Optional<GivenUp> givenUp = givenUpFile.read();
        Optional<Instant> tracked = trackedFile.read();
        shipper = new Shipper(
                new Shipper.Parts(journal, shipping, place.dialer(), events, random, scheduler::nanoTime),
                new Destination(
                        List.of(new Destination.HostPort("replica", 1)),
                        new SiteName(place.peer()),
                        Lineage.whole(place.journal()),
                        SimulatedLink.LANES),
                SHIP,
                givenUp,
                this::replicated);
        applier = new Applier(journal, volumes, checkpoint, applied, APPLY, applying, this::failed);
        backlog = new BacklogKeeper(
                new BacklogKeeper.Parts(
                        journal,
                        this::intake,
                        () -> shipper,
                        applier,
                        givenUpFile,
                        trackedFile,
                        shipping,
                        boot,
                        place.peer(),
                        events),
                givenUp,
                limit);
        PossibleLoss loss = new PossibleLoss(disk.files());
        intake = scheduler.as(
                owner,
                () -> new JournalIntake(
                        new JournalIntake.Parts(
                                journal,
                                owner,
                                volumes,
                                ledger,
                                checkpoint.tails(),
                                applier::applied,
                                loss,
                                place.fence(),
                                shipper,
                                this::sending,
                                backlog::makesRoom,
                                tracked,
                                new DirtyFiles(disk.files()),
                                place.undecided(),
                                blocking,
                                exports,
                                events,
                                new Unmetered(),
                                scheduler::nanoTime),
                        INTAKE));
        LifeBefore toBeTold = loss.lifeBefore(before);
        scheduler.as(owner, () -> begin(toBeTold));
        applier.raise(journal.durable());
        shipper.start();
        backlog.start();
    }

    @Override
    public JournalIntake intake() {
        return intake;
    }

    @Override
    public String site() {
        return place.peer();
    }

    @Override
    public JournalId shippedAs() {
        return place.journal();
    }

    @Override
    public Sequence acknowledged() {
        return shipper.status().durable();
    }

    @Override
    public int checksum(Sequence record) {
        return journal.checksum(record);
    }

    InMemoryJournal journal() {
        return journal;
    }

    ExportTable exports() {
        return exports;
    }

    /** The event loops that clients are connected to: the owner itself, and one that hands over. */
    SimulatedThread loop(boolean plaintext) {
        return plaintext ? owner : otherLoop;
    }

    /** Whether the process is there and not in the middle of dying. */
    boolean lives() {
        return !disk.dying();
    }

    /** Whether a force has failed, so that somebody has to start it again. */
    boolean failed() {
        return disk.failed() || journal.fault().isPresent();
    }

    /** The process is no more. */
    void kill() {
        journal.kill();
        scheduler.as(shipping, shipper::close);
    }

    /** Ends in good order. Clients are gone already. */
    void stop() {
        backlog.close();
        List.of(otherLoop, owner, blocking, applying, shipping).forEach(SimulatedThread::runAtOnce);
        scheduler.as(shipping, shipper::close);
        applier.close();
        scheduler.as(owner, () -> {
            intake.close();
            journal.close(true);
        });
    }

    private void begin(LifeBefore before) {
        journal.onGrowth(backlog::wake);
        journal.onDurable(durable -> {
            applier.raise(durable);
            shipper.wake();
        });
        try {
            intake.start(before);
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    private Sending sending() {
        ShipStatus now = shipper.status();
        long merged = now.mergedRanges();
        if (merged > mergedRanges) {
            trace.add(Trace.Word.MERGE, merged, () -> merged + " ranges were merged");
            mergedRanges = merged;
        }
        return new Sending(now.phase() == ShipStatus.Phase.SHIPPING, now.behind(), now.durable(), merged);
    }

    private void replicated(Sequence durable) {
        owner.execute(() -> intake.shipped(durable));
    }

    private void failed(Fault fault) {
        Violation.unless(failed(), "I9", () -> "the source's volumes have failed: " + fault);
    }
}
