package io.tidemark.appliance;

import io.tidemark.appliance.Threads.OwnerThread;
import io.tidemark.failover.Failovers;
import io.tidemark.failover.Roles;
import io.tidemark.intake.IntakeSettings;
import io.tidemark.intake.JournalIntake;
import io.tidemark.intake.LifeBefore;
import io.tidemark.intake.LoopOwner;
import io.tidemark.intake.PossibleLoss;
import io.tidemark.intake.Registration;
import io.tidemark.intake.Sending;
import io.tidemark.intake.VmStatus;
import io.tidemark.journal.AppendOutcome;
import io.tidemark.journal.Fault;
import io.tidemark.journal.Incarnation;
import io.tidemark.journal.JournalId;
import io.tidemark.journal.Sequence;
import io.tidemark.journal.StreamId;
import io.tidemark.journal.Tail;
import io.tidemark.journal.VmId;
import io.tidemark.journal.log.JournalIdentity;
import io.tidemark.journal.log.JournalThreads;
import io.tidemark.journal.log.JournalUnusable;
import io.tidemark.journal.log.PreviousLife;
import io.tidemark.journal.log.SegmentedJournal;
import io.tidemark.link.Comparing;
import io.tidemark.link.Comparison;
import io.tidemark.link.Lineage;
import io.tidemark.resync.DirtyFiles;
import io.tidemark.ship.GivenUp;
import io.tidemark.ship.GivenUpFile;
import io.tidemark.ship.JournalSender;
import io.tidemark.ship.ShipStatus;
import io.tidemark.ship.TrackedFile;
import io.tidemark.state.Checkpoint;
import io.tidemark.state.FolderFiles;
import io.tidemark.target.TargetSender;
import io.tidemark.vm.Disk;
import io.tidemark.vm.Ledger;
import io.tidemark.vm.Vm;
import io.tidemark.vm.VmDocument;
import io.tidemark.volume.Applier;
import io.tidemark.volume.VolumeFolder;
import io.tidemark.volume.Volumes;
import java.io.IOException;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.BitSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.Callable;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionException;
import java.util.concurrent.ScheduledExecutorService;
import java.util.concurrent.TimeUnit;
import java.util.function.Function;
import java.util.function.Predicate;

/**
 * A journal that this site ships to a peer, with everything around it: intake, volumes, link.
 *
 * <p>Opened and closed by threads that may wait for the disk; never on the owner.
 */
public final class Source implements ShippedJournal {

    private final Environment environment;
    private final LoopOwner owner;
    private final ScheduledExecutorService forcer;
    private final ScheduledExecutorService keeper;
    private final ScheduledExecutorService applying;
    private final OwnerThread shipping;
    private final SegmentedJournal journal;
    private final Volumes volumes;
    private final Applier applier;
    private final JournalIntake intake;
    private final LineageFile lineageFile;
    private final FolderFiles files;
    private final BacklogKeeper backlog;
    private final Ways ways;
    private final Predicate<StreamId> comingUp;
    private volatile Peer peer;
    private volatile Lineage lineage;
    private volatile JournalSender sender;
    private volatile Optional<Fault> volumeFault = Optional.empty();

    /** Opens the journal in a folder, or makes it, lets clients in and begins to ship. */
    Source(
            Environment environment,
            ApplianceSettings settings,
            Roles roles,
            Failovers failovers,
            Peer peer,
            Path folder,
            LoopOwner owner)
            throws IOException, JournalUnusable {
        this.environment = environment;
        this.peer = peer;
        this.owner = owner;
        this.comingUp = failovers::standsOnReplica;
        this.ways = new Ways(environment, settings, roles, folder);
        this.lineageFile = new LineageFile(folder, peer.journalId());
        this.lineage = lineageFile.read();
        this.files = new FolderFiles(folder);
        GivenUpFile givenUpFile = new GivenUpFile(files, VmDocument.mapper());
        Optional<GivenUp> givenUp = givenUpFile.read();
        Threads threads = environment.threads();
        Opening opening = new Opening();
        try {
            forcer = opening.add(threads.single("force-" + peer.name()), ScheduledExecutorService::shutdown);
            keeper = opening.add(threads.single("keep-" + peer.name()), ScheduledExecutorService::shutdown);
            applying = opening.add(threads.single("apply-" + peer.name()), ScheduledExecutorService::shutdown);
            shipping = opening.add(threads.owner("ship-" + peer.name()), OwnerThread::close);
            journal = opening.add(openJournal(folder.resolve("journal"), settings), this::closeUnused);
            volumes = opening.add(
                    new Volumes(failovers.volumes(
                            new VolumeFolder(folder.resolve("volumes")), new FolderFiles(folder.resolve("layers")))),
                    Volumes::close);
            Checkpoint checkpoint = Checkpoint.open(folder, volumes);
            Ledger ledger = ledgerNow(checkpoint, folder);
            sender = senderTo(peer, givenUp); // holds the journal before anything can give a part of it up
            applier = opening.add(
                    new Applier(
                            journal,
                            volumes,
                            checkpoint,
                            checkpoint.applied(),
                            settings.apply(),
                            applying,
                            this::volumesFailed),
                    Applier::close);
            backlog = new BacklogKeeper(
                    new BacklogKeeper.Parts(
                            journal,
                            this::intake,
                            () -> sender,
                            applier,
                            givenUpFile,
                            new TrackedFile(files, VmDocument.mapper()),
                            shipping,
                            environment.boot(),
                            peer.name(),
                            environment.events()),
                    givenUp,
                    settings.backlog());
            PossibleLoss loss = new PossibleLoss(files);
            LifeBefore before = loss.lifeBefore(lifeBefore());
            intake = onOwner(() -> openIntake(
                    ledger, checkpoint.tails(), loss, before, roles::fence, failovers::isUndecided, settings.intake()));
        } catch (IOException | JournalUnusable | RuntimeException e) {
            opening.undo(e);
            throw e;
        }
        applier.raise(journal.durable());
        sender.start();
        backlog.start();
    }

    public Peer peer() {
        return peer;
    }

    @Override
    public String site() {
        return peer.name();
    }

    @Override
    public JournalIntake intake() {
        return intake;
    }

    @Override
    public JournalId shippedAs() {
        return lineage.id();
    }

    @Override
    public Sequence acknowledged() {
        return sender.status().durable();
    }

    @Override
    public int checksum(Sequence record) {
        return journal.checksum(record);
    }

    /** Why a VM cannot become what it is to be, as far as somebody else than the intake knows that: the peer, before anything is shipped. Any thread. */
    CompletableFuture<Optional<String>> objection(Vm vm) {
        return intake.status().thenCompose(all -> {
            List<Vm> known = all.stream().map(VmStatus::vm).toList();
            Optional<String> tooSoon = known.stream()
                    .filter(before -> before.id().equals(vm.id()))
                    .flatMap(before -> before.disksNotIn(vm).stream())
                    .filter(disk -> comingUp.test(disk.id()))
                    .findFirst()
                    .map(disk ->
                            "disk " + disk.name() + " is still being copied from the replica that it was promoted from:"
                                    + " it can be taken out when the failover is plain");
            return tooSoon.isEmpty() ? sender.objection(vm, known) : CompletableFuture.completedFuture(tooSoon);
        });
    }

    /** How it stands now. Any thread. */
    public SourceStatus status() {
        List<String> problems = new ArrayList<>();
        journal.fault().ifPresent(fault -> problems.add("the journal has failed: " + fault.getMessage()));
        volumeFault.ifPresent(fault -> problems.add("the volumes have failed: " + fault.getMessage()));
        if (applier.waitsForSpace()) {
            problems.add("no space for the volumes");
        }
        intake.copyProblem().ifPresent(problems::add);
        JournalSender current = sender;
        ShipStatus ship = current.status();
        if (!ship.problem().isEmpty()) {
            problems.add("nothing is shipped: " + ship.problem());
        }
        Duration delay = intake.acknowledgementDelay();
        Optional<AppendOutcome.Limit> full = journal.full();
        if (full.isPresent()) {
            String what = backlog.makesRoom() ? "holds writes back while room is made" : "refuses writes";
            problems.add(
                    "the journal is full and " + what + ": " + journal.usage().why(full.get()));
        } else if (delay.isPositive()) {
            problems.add("the journal fills up: acknowledgements are delayed by " + delay.toMillis() + " ms");
        }
        return new SourceStatus(
                peer,
                lineage,
                new SourceStatus.Marks(journal.trimmed(), journal.appended(), journal.durable(), applier.applied()),
                journal.usage(),
                delay,
                ship,
                current instanceof TargetSender target ? Optional.of(target.target()) : Optional.empty(),
                problems);
    }

    /** Ships to where the peer is now. */
    void moveTo(Peer changed) throws IOException {
        JournalSender before = sender;
        Optional<GivenUp> givenUp = CompletableFuture.supplyAsync(
                        () -> {
                            before.close();
                            return backlog.givenUp();
                        },
                        shipping)
                .join();
        peer = changed;
        sender = senderTo(changed, givenUp);
        before.release();
        sender.start();
    }

    /**
     * Begins a new lineage at the peer, because it cannot go on with what it has: it keeps that, and every disk is copied to it anew. When a
     * crash comes before this returns, the lineage before is still the one that is shipped, and this can be done again. Blocks.
     *
     * @param rolledBack whether this site may have lost writes that it had taken
     */
    Lineage beginLineage(JournalId id, boolean rolledBack) throws IOException {
        Registration begun = intake.beginLineage(environment.boot(), rolledBack)
                .orTimeout(Protection.PATIENCE.toMillis(), TimeUnit.MILLISECONDS)
                .join();
        if (!(begun instanceof Registration.Done done)) {
            throw new IOException("journal " + journal.id() + " takes no new lineage: " + begun);
        }
        Lineage next = new Lineage(id, done.at());
        lineageFile.write(next);
        lineage = next;
        moveTo(peer);
        return next;
    }

    /** Ends this life in good order: what was acknowledged is durable. Clients are gone already. */
    void close() {
        CompletableFuture.runAsync(
                        () -> {
                            backlog.close();
                            sender.close();
                        },
                        shipping)
                .join();
        applier.close();
        onOwner(() -> {
            intake.close();
            journal.close(true);
            return true;
        });
        onOwner(() -> true); // what the last force had to tell was told, to threads that are still there
        shipping.close();
        List.of(forcer, keeper, applying).forEach(ScheduledExecutorService::shutdown);
        try {
            volumes.close();
        } catch (IOException e) {
            throw new Fault("closing the volumes of journal " + journal.id(), e);
        }
    }

    private SegmentedJournal openJournal(Path folder, ApplianceSettings settings) throws IOException, JournalUnusable {
        return SegmentedJournal.open(
                folder,
                new JournalIdentity(
                        peer.journalId(),
                        JournalIdentity.Kind.SOURCE,
                        new Incarnation(environment.random().nextLong()),
                        environment.boot()),
                settings.journal(),
                new JournalThreads(owner, forcer, keeper),
                environment.segments(),
                environment.clock());
    }

    /** Not cleanly: how the life before ended is still to be told to the streams. */
    private void closeUnused(SegmentedJournal opened) {
        onOwner(() -> {
            opened.close(false);
            return true;
        });
    }

    private JournalIntake openIntake(
            Ledger ledger,
            Map<StreamId, Tail> tails,
            PossibleLoss loss,
            LifeBefore before,
            Function<VmId, Optional<String>> fence,
            Predicate<StreamId> undecided,
            IntakeSettings settings)
            throws IOException {
        journal.onDurable(durable -> {
            applier.raise(durable);
            sender.wake();
        });
        journal.onGrowth(backlog::wake);
        journal.onFault(fault -> environment
                .events()
                .error("journal-failed", peer.name(), "the journal takes nothing any more: " + fault.getMessage()));
        JournalIntake opened = new JournalIntake(
                new JournalIntake.Parts(
                        journal,
                        owner,
                        volumes,
                        ledger,
                        tails,
                        applier::applied,
                        loss,
                        fence,
                        comparing(),
                        this::sending,
                        backlog::makesRoom,
                        new TrackedFile(files, VmDocument.mapper()).read(),
                        new DirtyFiles(files),
                        undecided,
                        environment.threads().blocking(),
                        environment.exports(),
                        environment.events(),
                        environment.intakeMeter(),
                        environment.nanoTime()),
                settings);
        opened.start(before);
        return opened;
    }

    /** How the life before ended, as the journal tells it. */
    private LifeBefore lifeBefore() {
        Optional<PreviousLife> previous = journal.previousLife();
        if (previous.isEmpty() || previous.get().clean()) {
            return LifeBefore.ENDED_CLEANLY;
        }
        return previous.get().boot().equals(environment.boot()) ? LifeBefore.PROCESS_DIED : LifeBefore.MACHINE_DIED;
    }

    private Ledger ledgerNow(Checkpoint checkpoint, Path folder) {
        if (checkpoint.applied().isAfter(journal.durable())) {
            throw new Fault("the volumes of journal " + journal.id() + " are at record " + checkpoint.applied()
                    + ", and the journal ends at " + journal.durable() + ": part of it is lost");
        }
        Ledger ledger = checkpoint.ledger();
        journal.marks(checkpoint.applied(), journal.durable(), ledger::apply);
        for (Vm vm : ledger.vms()) {
            for (Disk disk : vm.disks()) {
                if (ledger.state(disk.id()).isEmpty()) {
                    throw new Fault(folder + "/checkpoint.json says nothing of disk " + disk.name() + " of VM "
                            + vm.name() + ", as " + Checkpoint.fileOf(folder, vm.id()) + " or the journal has it");
                }
            }
        }
        return ledger;
    }

    /** Asks whoever ships at the time. */
    private Comparing comparing() {
        return new Comparing() {
            @Override
            public boolean compares() {
                return sender.compares();
            }

            @Override
            public CompletableFuture<Optional<BitSet>> compare(Comparison comparison) {
                return sender.compare(comparison);
            }
        };
    }

    private JournalSender senderTo(Peer to, Optional<GivenUp> givenUp) throws IOException {
        return ways.to(to, lineage, journal, shipping, givenUp, this::replicated);
    }

    private Sending sending() {
        ShipStatus now = sender.status();
        return new Sending(now.phase() == ShipStatus.Phase.SHIPPING, now.behind(), now.durable(), now.mergedRanges());
    }

    private void replicated(Sequence durable) {
        owner.execute(() -> intake.shipped(durable).forEach(environment.pointDelays()));
    }

    private void volumesFailed(Fault fault) {
        volumeFault = Optional.of(fault);
        environment.events().error("volumes-failed", peer.name(), String.valueOf(fault.getMessage()));
    }

    private <T> T onOwner(Callable<T> task) {
        return CompletableFuture.supplyAsync(
                        () -> {
                            try {
                                return task.call();
                            } catch (Exception e) {
                                throw new CompletionException(e);
                            }
                        },
                        owner)
                .join();
    }
}
