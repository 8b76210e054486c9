package io.tidemark.intake;

import io.tidemark.events.EventLog;
import io.tidemark.intake.OperatorRequest.Decision;
import io.tidemark.journal.Entry;
import io.tidemark.journal.Journal;
import io.tidemark.journal.Sequence;
import io.tidemark.journal.StreamId;
import io.tidemark.journal.Tail;
import io.tidemark.journal.TimedOwner;
import io.tidemark.journal.VmId;
import io.tidemark.link.Comparing;
import io.tidemark.nbd.NbdError;
import io.tidemark.resync.Copies;
import io.tidemark.resync.DirtyBlocks;
import io.tidemark.resync.DirtyFiles;
import io.tidemark.vm.Disk;
import io.tidemark.vm.Ledger;
import io.tidemark.vm.StreamState;
import io.tidemark.vm.Vm;
import io.tidemark.volume.Volumes;
import java.io.IOException;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.UUID;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.Executor;
import java.util.function.BooleanSupplier;
import java.util.function.Function;
import java.util.function.LongSupplier;
import java.util.function.Predicate;
import java.util.function.Supplier;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * The intake of one journal: its streams, what clients do to them, and what operators say of them.
 *
 * <p>Requests of operators come from any thread and are answered with futures; everything happens on the owner.
 */
public final class JournalIntake {

    /**
     * What an intake is made of.
     *
     * @param ledger as of the journal's last record
     * @param tails the ends of the streams whose records the journal may not have any more
     * @param applied every record up to here can be read from the volumes
     * @param loss what the guests have to be told of the lives before
     * @param fence why this site must not be the source of a VM, if that is so; answers at once
     * @param comparing asks the peer what it has
     * @param sending how what is appended goes to the peer; answers at once, any thread
     * @param roomIsMade whether a full journal will have room soon, so that changes wait for it; answers at once, any thread
     * @param trackedSince when a life before has given something up, if it did
     * @param dirty what has to be copied to the replica, as the lives before have left it
     * @param undecided whether nobody knows yet all that the replica lacks of a stream that was adopted
     * @param blocking threads that may wait for the disk
     */
    public record Parts(
            Journal journal,
            TimedOwner owner,
            Volumes volumes,
            Ledger ledger,
            Map<StreamId, Tail> tails,
            Supplier<Sequence> applied,
            PossibleLoss loss,
            Function<VmId, Optional<String>> fence,
            Comparing comparing,
            Supplier<Sending> sending,
            BooleanSupplier roomIsMade,
            Optional<Instant> trackedSince,
            DirtyFiles dirty,
            Predicate<StreamId> undecided,
            Executor blocking,
            ExportTable exports,
            EventLog events,
            IntakeMeter meter,
            LongSupplier nanoTime) {}

    private static final Logger LOG = LoggerFactory.getLogger(JournalIntake.class);

    private final Parts parts;
    private final IntakeSettings settings;
    private final Rungs rungs;
    private final Controls controls;
    private final Streams streams;
    private final Gate gate;
    private final Epochs epochs;
    private final Fencing fencing;
    private final Gaps gaps;
    private final CopyRules copyRules;
    private final ReplicaCopies copies;
    private final ReplicaRequests replicaRequests;
    private final HoldBack holdBack;
    private final Adoption adoption;
    private final DiskContents contents;
    private final Pressure pressure;
    private final Acknowledgements acknowledgements;
    private final VmExports exports;
    private final Mends mends;
    private final Definitions definitions;
    private boolean closed;

    /** Called on the owner, before the journal is appended to. */
    public JournalIntake(Parts parts, IntakeSettings settings) {
        this.parts = parts;
        this.settings = settings;
        Journal journal = parts.journal();
        rungs = new Rungs(
                parts.events(),
                () -> parts.sending().get().shipping(),
                () -> parts.sending().get().mergedRanges(),
                settings.recoveryDelay(),
                parts.nanoTime(),
                parts.trackedSince(),
                stream -> Controls.nameOf(parts.ledger(), stream));
        controls = new Controls(journal, parts.ledger(), parts.events(), rungs);
        streams = new Streams(journal, parts.ledger(), parts.tails(), parts.volumes(), parts.nanoTime());
        gate = new Gate(journal, parts.owner());
        epochs = new Epochs(controls, streams);
        gaps = new Gaps(controls, streams);
        fencing = new Fencing(journal, parts.owner(), parts.blocking(), streams, epochs, gaps, parts.fence());
        copyRules = new CopyRules(streams);
        pressure = new Pressure(settings);
        Saves saves = new Saves(parts.dirty(), parts.blocking());
        copies = new ReplicaCopies(
                new Copies(
                        new Copies.Parts(
                                journal,
                                parts.owner(),
                                parts.blocking(),
                                parts.applied(),
                                parts.comparing(),
                                rungs::copies,
                                this::hasRoom,
                                parts.nanoTime()),
                        settings.copies()),
                controls,
                streams,
                journal,
                parts.owner(),
                parts.dirty(),
                saves,
                parts.undecided());
        Backlog backlog = new Backlog(journal, streams, copies, saves, parts.owner(), parts.blocking(), this::askAhead);
        replicaRequests = new ReplicaRequests(streams, copies, rungs, saves, backlog, parts.owner(), this::askAhead);
        holdBack = new HoldBack(
                streams,
                copies,
                replicaRequests,
                rungs,
                parts.sending(),
                settings.holdBackAfter(),
                settings.recoveryDelay(),
                parts.nanoTime());
        contents = new DiskContents(journal.latest(), parts.applied(), streams, parts.owner());
        acknowledgements = new Acknowledgements(journal, parts.owner(), pressure);
        journal.onFault(fault -> parts.blocking().execute(parts.loss()::journalFailed));
        DiskSession.Service service = new DiskSession.Service(
                parts.owner(),
                new Handover(parts.owner(), settings.handoverRequestsMax()),
                gate,
                new ChangeOperation.Path(
                        journal,
                        streams,
                        controls,
                        gaps,
                        copies,
                        acknowledgements,
                        new Patience(parts.roomIsMade(), settings.roomWaitMax(), parts.nanoTime()),
                        fencing),
                epochs,
                new DiskReads(journal.latest(), parts.applied(), parts.blocking()),
                new Attachments(gate, gaps),
                parts.meter(),
                parts.nanoTime());
        exports = new VmExports(
                journal,
                streams,
                parts.exports(),
                parts.owner() instanceof LoopOwner loop ? Optional.of(loop.loop()) : Optional.empty(),
                stream -> new DiskSession(service, stream));
        mends = new Mends(
                new MendOperation.Path(journal, copies),
                streams,
                fencing,
                copyRules,
                contents,
                gate,
                this::hasRoom,
                parts.owner(),
                this::ask);
        DiskVolumes volumes = new DiskVolumes(parts.volumes());
        definitions = new Definitions(
                streams,
                fencing,
                rungs,
                exports,
                copies,
                volumes,
                epochs,
                parts.events(),
                parts.owner(),
                parts.blocking(),
                this::ask);
        adoption = new Adoption(
                streams, copies, saves, parts.owner(), parts.blocking(), volumes, definitions::take, this::ask);
    }

    /**
     * Takes up the VMs of the journal, records what the life before left unsaid, and lets clients in. Owner.
     *
     * @param lifeBefore as {@link PossibleLoss#lifeBefore} has it
     */
    public void start(LifeBefore lifeBefore) throws IOException {
        for (Vm vm : parts.ledger().vms()) {
            definitions.takeUp(vm, "the life before has left it so");
        }
        streams.all().stream().filter(gaps::mayBe).forEach(Stream::missed);
        OperatorRequest aftermath =
                new OperatorRequest(parts.journal(), controls, acknowledgements, () -> aftermath(lifeBefore));
        gate.submit(aftermath);
        if (lifeBefore == LifeBefore.MACHINE_DIED) {
            var unused = aftermath.answer().thenAcceptAsync(this::told, parts.blocking());
        }
        copies.resume();
        parts.owner().after(settings.cutInterval(), this::tick);
        pressure.watch(parts.journal(), parts.owner(), parts.blocking());
    }

    /** Protects the VM, or changes what it is. Its disks' volumes are there and the record is durable when this is done. */
    public CompletableFuture<Registration> define(Vm vm) {
        return definitions.define(vm);
    }

    /**
     * Protects a VM whose volumes have content already, since it was promoted here. What the replica lacks of that has to be said, by {@link
     * #lacking} and then {@link #release}: before that it gets no point. The same is done again when it may not have come to its end.
     */
    public CompletableFuture<Registration> adopt(Vm vm) {
        return adoption.adopt(vm);
    }

    /**
     * What the replica lacks of an adopted VM beside what the journal has, or will have: done when that is durable. The copy of it begins, and does not
     * end yet.
     */
    public CompletableFuture<Void> lacking(Vm vm, Map<StreamId, DirtyBlocks> blocks) {
        return adoption.lacking(vm, blocks);
    }

    /** That was all. */
    public void release(Vm vm) {
        parts.owner().execute(() -> vm.disks().forEach(disk -> copies.release(disk.id())));
    }

    /** Reads what disks have now. */
    public DiskContents contents() {
        return contents;
    }

    /** Ends the protection of a VM: its exports go at once, its volumes when everything before is applied. */
    public CompletableFuture<Registration> remove(VmId vm) {
        return definitions.remove(vm);
    }

    /** Somebody starts a new copy of the disk by its source. */
    public CompletableFuture<Registration> beginCopy(StreamId stream) {
        return askOf(stream, copyRules::begin);
    }

    /** The source's copy of the disk is complete, as of when it had this many gaps. */
    public CompletableFuture<Registration> endCopy(StreamId stream, int observedGaps) {
        return askOf(stream, found -> copyRules.end(found, observedGaps));
    }

    /** Somebody says, of a stream that had this many gaps, that nothing is missing; {@code word} is recorded with it. */
    public CompletableFuture<Registration> acceptContinuity(StreamId stream, int observedGaps, String word) {
        return askOf(stream, found -> copyRules.accept(found, observedGaps, word));
    }

    /** Lays copies of the sources' disks over ours. */
    public Mends mends() {
        return mends;
    }

    /** Copies all of the disk to the replica once more, since what it has there is in doubt. Until that is complete it makes no point. */
    public CompletableFuture<Registration> copyToReplica(StreamId stream) {
        return replicaRequests.copy(stream);
    }

    /** The guest was restarted after an unclean stop of this machine. */
    public CompletableFuture<Registration> guestRestarted(VmId vm) {
        return ask(() -> parts.ledger().vm(vm).map(this::decideRestarted).orElseGet(JournalIntake::unknown));
    }

    /**
     * Begins a new lineage, which a replica that has nothing can be given: all disks are copied anew. Done at the sequence before its first
     * record; that it is shipped as such is for the caller.
     *
     * @param boot the kernel's boot id
     * @param rolledBack whether this site may have lost writes that it had taken
     */
    public CompletableFuture<Registration> beginLineage(UUID boot, boolean rolledBack) {
        return replicaRequests.beginLineage(new Entry.Opened(parts.journal().incarnation(), boot), rolledBack);
    }

    /**
     * Makes it unnecessary to ship the records behind {@code from}: what they changed is copied instead. Done at the first record that has to
     * be shipped again: then those before it may go, and a peer that has everything up to {@code from} or more can go on there.
     *
     * @param boot the kernel's boot id
     */
    public CompletableFuture<Registration> giveUpBacklog(Sequence from, UUID boot) {
        return replicaRequests.giveUpBacklog(
                from, new Entry.Opened(parts.journal().incarnation(), boot));
    }

    /** Since when what the peer lacks waits to be copied, if it does. Any thread. */
    public Optional<Instant> trackedSince() {
        return rungs.trackedSince();
    }

    /** Which of its VMs take no changes, since another site is their source. Any thread. */
    public Fencing fencing() {
        return fencing;
    }

    /** What keeps the replica from being brought in step, if anything does. Any thread. */
    public Optional<String> copyProblem() {
        return copies.problem();
    }

    /** All VMs as they are now. */
    public CompletableFuture<List<VmStatus>> status() {
        return CompletableFuture.supplyAsync(
                () -> parts.ledger().vms().stream().map(this::status).toList(), parts.owner());
    }

    /** The replica has everything up to {@code durable}; tells the delay of each point that this brought. Owner. */
    public List<Duration> shipped(Sequence durable) {
        copies.replicated(durable);
        return streams.exposures().stream()
                .flatMap(exposure -> exposure.shipped(durable).stream())
                .toList();
    }

    /** What an acknowledgement is delayed by because the journal fills up. Any thread. */
    public Duration acknowledgementDelay() {
        return pressure.delay();
    }

    /** Takes nothing any more. The server has let go of all sessions. Owner. */
    public void close() {
        closed = true;
        copies.close();
        pressure.close();
        gate.close(NbdError.SHUTTING_DOWN);
        exports.close();
    }

    /** Whether the journal has room that no client waits for. */
    private boolean hasRoom() {
        return gate.waiting() == 0 && pressure.delay().isZero();
    }

    private Decision aftermath(LifeBefore lifeBefore) {
        List<Entry.Control> entries = parts.ledger().vms().stream()
                .flatMap(vm -> vm.disks().stream()
                        .flatMap(disk -> streams.find(disk.id()).stream())
                        .flatMap(stream -> Aftermath.of(lifeBefore, vm, stream, streams.state(stream)).stream()))
                .toList();
        return new Decision.Append(entries, () -> {
            entries.forEach(this::noteGap);
            exports.updateAwaiting();
            parts.ledger().vms().forEach(exports::take);
        });
    }

    private void told(Registration aftermath) {
        if (aftermath instanceof Registration.Done) {
            parts.loss().told();
        }
    }

    private void noteGap(Entry.Control entry) {
        if (entry instanceof Entry.Gap gap) {
            streams.find(gap.stream()).ifPresent(Stream::gapRecorded);
        }
    }

    private Decision decideRestarted(Vm vm) {
        List<Entry.Control> entries = vm.disks().stream()
                .map(Disk::id)
                .filter(exports::awaitsRestart)
                .<Entry.Control>map(Entry.GuestRestarted::new)
                .toList();
        return entries.isEmpty()
                ? new Decision.Answer(new Registration.Unchanged())
                : new Decision.Append(entries, exports::updateAwaiting);
    }

    private VmStatus status(Vm vm) {
        List<VmStatus.DiskStatus> disks = vm.disks().stream()
                .flatMap(disk -> streams.find(disk.id()).stream())
                .map(stream -> status(vm, stream))
                .toList();
        return new VmStatus(
                vm, parts.ledger().standing(vm), streams.exposure(vm.id()).age(), disks);
    }

    private VmStatus.DiskStatus status(Vm vm, Stream stream) {
        StreamState state = streams.state(stream);
        return new VmStatus.DiskStatus(
                stream.disk(),
                state,
                rungs.of(stream.id()),
                stream.attachments().size(),
                stream.epoch(),
                DiskExport.name(vm.name(), stream.disk()).text(),
                copies.dirtyBytes(stream));
    }

    private CompletableFuture<Registration> askOf(StreamId stream, Function<Stream, Decision> decide) {
        return ask(() -> streams.find(stream).map(decide).orElseGet(JournalIntake::unknown));
    }

    private CompletableFuture<Registration> ask(Supplier<Decision> decide) {
        OperatorRequest request = new OperatorRequest(parts.journal(), controls, acknowledgements, decide);
        parts.owner().execute(() -> gate.submit(request));
        return request.answer();
    }

    /** Before what waits for room. */
    private CompletableFuture<Registration> askAhead(Supplier<Decision> decide) {
        OperatorRequest request = new OperatorRequest(parts.journal(), controls, acknowledgements, decide);
        parts.owner().execute(() -> gate.submitAhead(request));
        return request.answer();
    }

    private static Decision unknown() {
        return new Decision.Answer(new Registration.Unknown());
    }

    private void tick() {
        if (!closed && parts.journal().fault().isEmpty()) {
            cut();
            rungs.look();
            holdBack.look();
            if (!hasRoom()) {
                copies.makeRoom();
            }
            parts.owner().after(settings.cutInterval(), this::tick);
        }
    }

    /** The timer goes on whatever happens: without it streams would have no points any more. */
    private void cut() {
        try {
            epochs.cut();
        } catch (RuntimeException e) {
            LOG.error("journal={}: a cut has failed", parts.journal().id(), e);
        }
    }
}
