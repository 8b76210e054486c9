package io.tidemark.replica;

import io.tidemark.events.EventLog;
import io.tidemark.journal.Fault;
import io.tidemark.journal.Journal;
import io.tidemark.journal.JournalId;
import io.tidemark.journal.Sequence;
import io.tidemark.journal.TimedOwner;
import io.tidemark.journal.Usage;
import io.tidemark.journal.VmId;
import io.tidemark.link.Comparison;
import io.tidemark.link.Credit;
import io.tidemark.link.Downlink;
import io.tidemark.link.DownlinkListener;
import io.tidemark.link.Ending;
import io.tidemark.link.ErrorCode;
import io.tidemark.link.IncomingRange;
import io.tidemark.link.Lineage;
import io.tidemark.state.SmallFiles;
import io.tidemark.vm.Disk;
import io.tidemark.vm.GroupPoint;
import io.tidemark.vm.Name;
import io.tidemark.vm.RecoveryPoint;
import io.tidemark.vm.ShipState;
import io.tidemark.vm.StreamState;
import io.tidemark.vm.Vm;
import io.tidemark.volume.ApplySettings;
import io.tidemark.volume.FullException;
import io.tidemark.volume.VolumeStore;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.Executor;
import java.util.concurrent.ScheduledExecutorService;
import java.util.function.Function;
import java.util.function.LongSupplier;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * The replica of one journal of another site.
 *
 * <p>The link and operators call it; everything happens on its owner, which may wait for the disk.
 */
public final class Replica implements DownlinkListener {

    private static final Logger LOG = LoggerFactory.getLogger(Replica.class);

    /** What part of the window may be received between two looks at what has left it. */
    private static final int EARLY = 4;

    /** Opens the received journal. */
    @FunctionalInterface
    public interface JournalOpener {
        Journal open(Lineage lineage) throws Exception;
    }

    /**
     * What a replica is made of.
     *
     * @param files what it keeps of itself beside its journal
     * @param volumes what it has of each disk at its floor
     * @param beginnings what its disks begin with
     * @param promoted the oldest sequence that something is promoted from and still needs, if any: never folded away
     * @param applying the thread of the volumes
     * @param readers threads that may wait for the disk
     */
    public record Parts(
            Provenance provenance,
            SmallFiles files,
            VolumeStore volumes,
            TimedOwner owner,
            JournalOpener opener,
            Beginnings beginnings,
            Supplier<Optional<Sequence>> promoted,
            ScheduledExecutorService applying,
            Executor readers,
            EventLog events,
            LongSupplier nanoTime) {}

    /** What is there once the place is open. */
    private record Opened(ReplicaStore store, Reception reception, Folding folding, Offers offers) {}

    private final Parts parts;
    private final ReplicaSettings settings;
    private final ApplySettings applySettings;
    private final List<String> problems = new ArrayList<>();
    private Optional<String> cannotOpen = Optional.empty();
    private Optional<String> cannotFold = Optional.empty();
    private @Nullable Opened opened;
    private Sequence looked = Sequence.NONE;
    private boolean openingAgain;
    private boolean closed;

    public Replica(Parts parts, ReplicaSettings settings, ApplySettings applySettings) {
        this.parts = parts;
        this.settings = settings;
        this.applySettings = applySettings;
    }

    /** Where its journal comes from. */
    public Provenance provenance() {
        return parts.provenance();
    }

    public JournalId journal() {
        return parts.provenance().lineage().id();
    }

    public TimedOwner owner() {
        return parts.owner();
    }

    /** The name of the site that ships this journal. */
    public String site() {
        return parts.provenance().site();
    }

    /** Opens what an earlier life has left. Completes exceptionally if that cannot be opened. */
    public CompletableFuture<Void> open() {
        return CompletableFuture.runAsync(this::opened, parts.owner());
    }

    @Override
    public void onOpened(Downlink downlink) {
        if (closed) {
            downlink.refuse(ErrorCode.BUSY, "the appliance is stopping");
            return;
        }
        try {
            Opened now = opened();
            now.store().journal().fault().ifPresent(fault -> {
                throw fault;
            });
            now.reception().opened(downlink);
        } catch (Fault e) {
            downlink.refuse(ErrorCode.STORAGE, String.valueOf(e.getMessage()));
        }
    }

    @Override
    public void onStart(Sequence first) {
        Opened now = opened;
        if (now != null) {
            now.reception().starts(first);
        }
    }

    @Override
    public void takeRange(IncomingRange range) {
        Opened now = opened;
        if (now == null || now.store().journal().fault().isPresent()) {
            range.lease().close();
            return;
        }
        now.reception().takeRange(range);
    }

    @Override
    public void onCompare(long question, Comparison comparison) {
        Opened now = opened;
        if (now != null) {
            now.reception().compare(question, comparison);
        }
    }

    @Override
    public void onEnded(Ending ending) {
        Opened now = opened;
        if (now != null) {
            now.reception().ended(ending);
        }
    }

    /** How it stands now. */
    public CompletableFuture<ReplicaStatus> status() {
        return CompletableFuture.supplyAsync(this::statusNow, parts.owner());
    }

    /** All VMs that can be recovered or are being received. */
    public CompletableFuture<List<Vm>> vms() {
        return ask(now -> now.store().vms(), List.of());
    }

    /** The points of a VM, oldest first, consistent or not. */
    public CompletableFuture<List<RecoveryPoint>> points(VmId vm) {
        return ask(now -> now.offers().of(vm), List.of());
    }

    /** A point that is held, with what it takes to read its disks; empty if there is no such consistent point. */
    public CompletableFuture<Optional<HeldPoint>> hold(VmId vm, PointChoice choice, Runnable whenLost) {
        return ask(now -> now.offers().hold(vm, choice, whenLost), Optional.empty());
    }

    /** The groups that have a point or a VM. */
    public CompletableFuture<Set<Name>> groups() {
        return ask(now -> now.offers().groups(), Set.of());
    }

    /** The points of a group, oldest first, consistent or not. */
    public CompletableFuture<List<GroupPoint>> points(Name group) {
        return ask(now -> now.offers().of(group), List.of());
    }

    /** A point of a group that is held, with what it takes to read all of its disks; empty if there is no such consistent point. */
    public CompletableFuture<Optional<HeldGroup>> hold(Name group, PointChoice choice, Runnable whenLost) {
        return ask(now -> now.offers().hold(group, choice, whenLost), Optional.empty());
    }

    /** The pins of a group, oldest point first. */
    public CompletableFuture<List<GroupPinOutcome.Pinned>> pins(Name group) {
        return ask(now -> now.offers().pins(group), List.of());
    }

    /** Keeps a point of a group beyond the recovery window, durably when this completes. The same wish again changes nothing. */
    public CompletableFuture<GroupPinOutcome> pin(Name group, Name name, PointChoice choice, Instant now) {
        return change(opened -> opened.offers().pin(group, name, choice, now), new GroupPinOutcome.NoSuchPoint());
    }

    /** Lets a pinned point of a group leave with the recovery window, durably when this completes; false if there was no such pin. */
    public CompletableFuture<Boolean> unpin(Name group, Name name) {
        return change(opened -> opened.offers().unpin(group, name), false);
    }

    /** The pins of a VM, oldest point first. */
    public CompletableFuture<List<PinOutcome.Pinned>> pins(VmId vm) {
        return ask(now -> now.offers().pins(vm), List.of());
    }

    /** Keeps a point beyond the recovery window, durably when this completes. The same wish again changes nothing. */
    public CompletableFuture<PinOutcome> pin(VmId vm, Name name, PointChoice choice, Instant now) {
        return change(opened -> opened.offers().pin(vm, name, choice, now), new PinOutcome.NoSuchPoint());
    }

    /** Lets a pinned point leave with the recovery window, durably when this completes; false if there was no such pin. */
    public CompletableFuture<Boolean> unpin(VmId vm, Name name) {
        return change(opened -> opened.offers().unpin(vm, name), false);
    }

    /** The disks at a sequence that {@link Parts#promoted} keeps; empty while what is here cannot be opened. */
    public CompletableFuture<Optional<PointView>> view(Sequence at) {
        return ask(now -> Optional.of(now.offers().view(at)), Optional.empty());
    }

    /** Its records; empty while what is here cannot be opened. */
    public CompletableFuture<Optional<Passage>> passage() {
        return ask(now -> Optional.of(new Passage(now.store().journal())), Optional.empty());
    }

    /** Whether everything of a VM that its source has written up to a record is here, and nothing of it was given up. */
    public CompletableFuture<Shared> shared(Vm vm, Sequence last) {
        return ask(now -> shared(now, vm, last), new Shared.NotYet(false));
    }

    /** Sends the sender away, whose site is no longer registered here. */
    public void dismiss() {
        parts.owner().execute(() -> {
            Opened now = opened;
            if (now != null) {
                now.reception().dismiss("site " + site() + " is no longer registered as a peer here");
            }
        });
    }

    /** Ends this life: what was received is durable. Blocks; not on the owner. */
    public void close() {
        CompletableFuture.runAsync(this::closeNow, parts.owner()).join();
    }

    private Opened opened() {
        Opened now = opened;
        if (now != null) {
            return now;
        }
        try {
            now = open(parts.opener().open(parts.provenance().lineage()));
        } catch (Exception e) {
            Fault fault = new Fault("replica of journal " + journal() + " in " + parts.files(), e);
            String why = "it cannot be opened: " + e.getMessage();
            if (cannotOpen.filter(why::equals).isEmpty()) {
                LOG.error("journal={} cannot be opened", journal(), fault);
            }
            cannotOpen = Optional.of(why);
            openAgainWhenFull(e);
            throw fault;
        }
        opened = now;
        cannotOpen = Optional.empty();
        parts.owner().after(settings.foldInterval(), this::follow);
        return now;
    }

    private Opened open(Journal journal) throws IOException {
        try {
            ReplicaStore store = new ReplicaStore(
                    parts.provenance(),
                    new ReplicaStore.Place(parts.files(), parts.volumes(), parts.beginnings()),
                    journal,
                    applySettings,
                    parts.applying(),
                    this::failed,
                    settings,
                    parts.nanoTime());
            Reception reception = new Reception(
                    store, new Credit(settings.creditBytes()), new Comparisons(store, parts.owner(), parts.readers()));
            journal.onDurable(durable -> followEarly()); // which the reception has taken up
            journal.onFault(fault -> {
                failed(fault);
                reception.failed(fault);
            });
            Folding folding = new Folding(store, settings, parts.promoted(), parts.events());
            return new Opened(store, reception, folding, new Offers(store, folding, parts.events(), parts.owner()));
        } catch (IOException | RuntimeException e) {
            journal.close(true);
            throw e;
        }
    }

    /** Space comes back by itself, and the sender may never: what is here has to be there for a recovery. */
    private void openAgainWhenFull(Exception why) {
        if (FullException.causes(why) && !openingAgain) {
            openingAgain = true;
            parts.owner().after(applySettings.retryInterval(), this::openAgain);
        }
    }

    private void openAgain() {
        openingAgain = false;
        if (opened != null || closed) {
            return;
        }
        try {
            opened();
        } catch (Fault stillFull) {
            LOG.debug("journal={} cannot be opened yet: {}", journal(), stillFull.toString()); // told already
        }
    }

    private void follow() {
        Opened now = opened;
        if (now != null && !closed && fold(now)) {
            parts.owner().after(settings.foldInterval(), this::follow);
        }
    }

    /** A fast source fills a small journal between two looks. */
    private void followEarly() {
        Opened now = opened;
        if (now != null && !closed && now.store().window().bytesSince(looked) > settings.windowBytes() / EARLY) {
            var unused = fold(now);
        }
    }

    /** Looks at what has left the window; false when nothing ever will any more. */
    private boolean fold(Opened now) {
        if (now.store().journal().fault().isPresent()) {
            return false;
        }
        looked = now.store().journal().durable();
        try {
            Sequence before = now.store().floor();
            now.folding().follow(parts.nanoTime().getAsLong());
            if (now.store().floor().isAfter(before)) {
                now.reception().tell();
            }
            cannotFold = Optional.empty();
        } catch (IOException e) {
            // Nothing has changed, and folding is what makes room again.
            if (cannotFold.isEmpty()) {
                LOG.warn("journal={} cannot be folded, will be tried again: {}", journal(), e.toString());
            }
            cannotFold = Optional.of("what has left the window cannot be folded: " + e.getMessage());
        } catch (Fault e) {
            failed(new Fault("folding journal " + journal(), e));
            return false;
        }
        return true;
    }

    private void failed(Fault fault) {
        LOG.error("journal={} the replica has failed", journal(), fault);
        parts.events().error("replica-failed", site(), String.valueOf(fault.getMessage()));
        parts.owner().execute(() -> problems.add(String.valueOf(fault.getMessage())));
    }

    private static Shared shared(Opened now, Vm vm, Sequence last) {
        Journal journal = now.store().journal();
        Shared notYet = new Shared.NotYet(now.reception().connected());
        if (journal.durable().isBefore(last)) {
            return notYet;
        }
        if (!last.isAfter(journal.trimmed())) {
            return new Shared.Unknown("record " + last + " is not here any more");
        }
        for (Disk disk : vm.disks()) {
            Optional<StreamState> state = now.store().ledger().state(disk.id());
            if (state.isEmpty()) {
                return new Shared.Unknown("disk " + disk.name() + " is no longer protected there");
            }
            if (state.get().ship() != ShipState.FULL) {
                return notYet;
            }
        }
        return new Shared.UpTo(journal.checksum(last));
    }

    private ReplicaStatus statusNow() {
        List<String> all = new ArrayList<>(problems);
        cannotOpen.ifPresent(all::add);
        cannotFold.ifPresent(all::add);
        Opened now = opened;
        return now == null
                ? new ReplicaStatus(
                        journal(),
                        site(),
                        parts.provenance().number(),
                        false,
                        Sequence.NONE,
                        Sequence.NONE,
                        Sequence.NONE,
                        Sequence.NONE,
                        Optional.empty(),
                        new Usage(0, 0, 0, 0, 0, 0),
                        all)
                : statusOf(now, all);
    }

    private ReplicaStatus statusOf(Opened now, List<String> all) {
        ReplicaStore store = now.store();
        if (store.volumesWaitForSpace()) {
            all.add("no space for the volumes");
        }
        store.pins().unreadable().ifPresent(why -> all.add(why + "; nothing is folded away"));
        store.vms().forEach(vm -> store.unfit(vm).ifPresent(why -> all.add("VM " + vm.name() + ": " + why)));
        now.reception()
                .full()
                .ifPresent(limit -> all.add("the journal is full and takes no ranges: "
                        + store.journal().usage().why(limit)));
        return new ReplicaStatus(
                store.journal().id(),
                store.site(),
                parts.provenance().number(),
                now.reception().connected(),
                store.journal().appended(),
                store.journal().durable(),
                store.floor(),
                store.applied(),
                now.reception().full(),
                store.journal().usage(),
                all);
    }

    private void closeNow() {
        closed = true;
        Opened now = opened;
        if (now != null) {
            try {
                now.store().close();
            } catch (IOException e) {
                throw new Fault("closing the replica of journal " + journal(), e);
            }
            opened = null;
        }
    }

    /** A change that writes a small file. */
    @FunctionalInterface
    private interface Change<T> {
        T of(Opened now) throws IOException;
    }

    private <T> CompletableFuture<T> change(Change<T> change, T otherwise) {
        return ask(
                now -> {
                    try {
                        return change.of(now);
                    } catch (IOException e) {
                        throw new UncheckedIOException(e);
                    }
                },
                otherwise);
    }

    /** Asks what is open; nothing is opened for a question. */
    private <T> CompletableFuture<T> ask(Function<Opened, T> question, T otherwise) {
        return CompletableFuture.supplyAsync(
                () -> {
                    Opened now = opened;
                    return now == null ? otherwise : question.apply(now);
                },
                parts.owner());
    }
}
