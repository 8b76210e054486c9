package io.tidemark.failover;

import io.tidemark.events.EventLog;
import io.tidemark.failover.Failover.Stage;
import io.tidemark.journal.JournalId;
import io.tidemark.journal.Sequence;
import io.tidemark.journal.StreamId;
import io.tidemark.replica.HeldPoint;
import io.tidemark.replica.PointChoice;
import io.tidemark.replica.Replica;
import io.tidemark.resync.DirtyFiles;
import io.tidemark.state.SmallFiles;
import io.tidemark.term.Claim;
import io.tidemark.vm.Name;
import io.tidemark.vm.RecoveryPoint;
import io.tidemark.vm.Vm;
import io.tidemark.volume.VolumeDrafts;
import io.tidemark.volume.VolumeStore;
import java.io.IOException;
import java.time.InstantSource;
import java.util.Collection;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalLong;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.Executor;
import java.util.function.Function;
import java.util.function.LongSupplier;
import java.util.stream.Stream;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** The VMs whose source this site has become, or is becoming. Calls that change something block and are made one at a time. */
public final class Failovers {

    private static final Logger LOG = LoggerFactory.getLogger(Failovers.class);

    /** What became of the wish for a failover. */
    public sealed interface Outcome {

        /** The VM's disks can be used. */
        record Promoted(Failover failover) implements Outcome {}

        /** The disks of all VMs of the group can be used. */
        record AllPromoted(List<Failover> failovers) implements Outcome {

            public AllPromoted {
                failovers = List.copyOf(failovers);
            }
        }

        /** There is no such consistent point. */
        record NoSuchPoint() implements Outcome {}

        /** The reason is for people. The source goes on, as soon as it hears of it. */
        record Refused(String reason) implements Outcome {}
    }

    private final FailoverFiles files;
    private final Roles roles;
    private final Home home;
    private final String here;
    private final Executor copying;
    private final EventLog events;
    private final Drafts drafts;
    private final Map<StreamId, LayeredVolume> layered = new ConcurrentHashMap<>();
    private final Handovers handovers;
    private final GroupFailovers groups;
    private final Promotion promotion;
    private final Failback failback;
    private final Footings footings;
    private final CompletableFuture<Function<JournalId, Optional<Replica>>> replicas = new CompletableFuture<>();
    private volatile boolean closed;

    /**
     * What it is put together from.
     *
     * @param files of all failovers of this site
     * @param received where the volumes of a replica are
     * @param copying a thread that may wait for the disk
     */
    public record Parts(
            SmallFiles files,
            String here,
            Roles roles,
            Home home,
            Function<JournalId, VolumeDrafts> received,
            Executor copying,
            EventLog events,
            InstantSource clock,
            LongSupplier nanoTime) {}

    /** Reads what earlier lives have left. */
    public Failovers(Parts parts, FailoverPatience patience) throws IOException {
        this.files = new FailoverFiles(parts.files());
        this.roles = parts.roles();
        this.here = parts.here();
        this.copying = parts.copying();
        this.events = parts.events();
        this.home = parts.home();
        drafts = new Drafts(files, roles, home, parts.clock());
        promotion = new Promotion(
                files,
                new DirtyFiles(parts.files()),
                roles,
                events,
                id -> replicas.join().apply(id),
                home,
                layered);
        handovers = new Handovers(roles, here, patience.handover());
        groups = new GroupFailovers(files, drafts, handovers, events, new EachOfAGroup());
        roles.alsoTell(this::asks);
        failback = new Failback(files, promotion, roles, home, here, events, patience.copyBack(), parts.nanoTime());
        footings = new Footings(parts.files(), roles, home, parts.received(), copying, events);
    }

    /** What of promoted VMs is copied back. */
    public Failback failback() {
        return failback;
    }

    /** What VMs begin with that come back. */
    public Footings footings() {
        return footings;
    }

    /** Whether what a disk had when it was promoted is still being copied from the replica. Any thread. */
    public boolean standsOnReplica(StreamId stream) {
        return files.under(stream).isPresent();
    }

    /** Whether nobody knows yet what a peer lacks of a promoted disk. Any thread. */
    public boolean isUndecided(StreamId stream) {
        return files.isUndecided(stream);
    }

    /** The journals and the replicas are there: goes on with what the lives before have begun. Blocks; before clients are let in. */
    public void begin(Function<JournalId, Optional<Replica>> known) {
        replicas.complete(known);
        footings.begin();
        for (Failover each : files.all()) {
            try {
                resume(each);
            } catch (IOException | RuntimeException e) {
                LOG.error("vm={} a failover cannot go on", each.vm().name(), e);
                events.error("failover-stuck", each.vm().name().text(), "it cannot go on: " + e.getMessage());
            }
        }
        groups.settle();
    }

    /** The oldest record of a replica that something is promoted from, and still needed. Any thread. */
    public Optional<Sequence> promotedFrom(JournalId replica) {
        return files.oldestNeeded(replica, failback::isCurrent);
    }

    /**
     * The volumes of a journal, some of which may be of promoted VMs.
     *
     * @param layers the files that tell what of those is still in a replica
     */
    public VolumeStore volumes(VolumeStore store, SmallFiles layers) {
        return new LayeredVolumes(
                store,
                new DirtyFiles(layers),
                stream -> files.under(stream).map(failover -> promotion.below(failover, stream)),
                layered::put);
    }

    public Collection<Failover> all() {
        return files.all();
    }

    /** The newest one of a VM, by its name or id. */
    public Optional<Failover> find(String vm) {
        return files.all().stream()
                .filter(each -> each.vm().name().text().equals(vm)
                        || each.vm().id().toString().equals(vm))
                .findFirst();
    }

    /** What is still to be copied of a VM that is not plain yet. */
    public OptionalLong leftBytes(Failover failover) {
        return failover.stage() == Stage.PROMOTED
                ? OptionalLong.of(failover.vm().disks().stream()
                        .flatMap(disk -> Optional.ofNullable(layered.get(disk.id())).stream())
                        .mapToLong(LayeredVolume::leftBytes)
                        .sum())
                : OptionalLong.empty();
    }

    /** Makes this site the source of a VM, at a point, whatever has become of the one before. */
    public synchronized Outcome start(Replica replica, Vm vm, PointChoice choice) throws IOException {
        Optional<Failover> before = files.find(vm.id());
        if (before.filter(known -> known.stage() == Stage.BEGUN).isPresent()) {
            return promote(before.get()); // begun before, and something was in the way
        }
        Optional<String> objection = objection(replica, vm);
        if (objection.isPresent()) {
            return new Outcome.Refused(objection.get());
        }
        Optional<HeldPoint> held = replica.hold(vm.id(), choice, () -> {}).join();
        if (held.isEmpty()) {
            return new Outcome.NoSuchPoint();
        }
        try {
            RecoveryPoint point = held.get().point();
            return promote(files.write(drafts.begun(drafts.wanted(replica, point.vm(), false), point)));
        } finally {
            held.get().hold().close(); // what was written keeps the point from here on
        }
    }

    /** Makes this site the source of a VM when the one before has stopped and everything of it is here; else nothing changes. */
    public synchronized Outcome startPlanned(Replica replica, Vm vm) throws IOException {
        Optional<Failover> before = files.find(vm.id());
        if (before.filter(known -> known.stage() == Stage.BEGUN).isPresent()) {
            return promote(before.get()); // begun before, and something was in the way
        }
        Optional<String> objection = objection(replica, vm);
        if (objection.isPresent()) {
            return new Outcome.Refused(objection.get());
        }
        if (!roles.isConnected(replica.site())) {
            return noSession(replica);
        }
        Failover wanted = files.write(drafts.wanted(replica, vm, true));
        return switch (handovers.ask(List.of(wanted), replica, () -> newest(replica, vm))) {
            case Handovers.Answer.Whole whole -> {
                try {
                    yield promote(files.write(drafts.begun(
                            wanted, whole.held().points().getFirst().point())));
                } finally {
                    whole.held().hold().close();
                }
            }
            case Handovers.Answer.Lacking lacking -> new Outcome.Refused(refuse(wanted, lacking.reason()));
        };
    }

    /** Makes this site the source of all VMs of a group, at one point, whatever has become of the one before; or of none. */
    public synchronized Outcome start(Replica replica, Name group, PointChoice choice) throws IOException {
        return groups.start(replica, group, choice);
    }

    /** Makes this site the source of all VMs of a group when the one before has stopped and everything of them is here; else nothing changes. */
    public synchronized Outcome startPlanned(Replica replica, Name group) throws IOException {
        return roles.isConnected(replica.site()) ? groups.startPlanned(replica, group) : noSession(replica);
    }

    /** Stops copying; the next life goes on. */
    public void close() {
        closed = true;
        footings.close();
    }

    private Outcome promote(Failover begun) throws IOException {
        Failover now = promoted(begun);
        groups.settle(); // it may be one of a group that was stuck
        return now.stage() == Stage.REFUSED ? new Outcome.Refused(now.problem()) : new Outcome.Promoted(now);
    }

    private Failover promoted(Failover begun) throws IOException {
        Failover now = promotion.promote(begun);
        if (now.stage() != Stage.REFUSED) {
            copying.execute(() -> copyUp(now));
        }
        return now;
    }

    private Optional<String> objection(Replica replica, Vm vm) {
        return home.objection(replica.site(), vm, footings.mayComeBack(vm));
    }

    private static Outcome noSession(Replica replica) {
        return new Outcome.Refused("there is no session with site " + replica.site()
                + ": only a failover that is not planned can go on without it");
    }

    private static CompletableFuture<Optional<Handovers.Held>> newest(Replica replica, Vm vm) {
        return replica.hold(vm.id(), new PointChoice.Latest(), () -> {})
                .thenApply(held -> held.map(point -> new Handovers.Held(point.hold(), List.of(point))));
    }

    private void resume(Failover failover) throws IOException {
        switch (failover.stage()) {
            case WANTED -> refuse(failover, "the appliance was restarted while its source was asked to yield");
            case BEGUN -> promote(failover);
            case PROMOTED -> copying.execute(() -> copyUp(failover));
            case REFUSED, PLAIN -> {}
        }
    }

    private String refuse(Failover wanted, String why) throws IOException {
        files.write(wanted.refused(why));
        roles.tell(wanted.peer(), wanted.claim(here, Claim.Kind.WITHDRAWN));
        events.warn("failover-refused", wanted.vm().name().text(), why);
        return why;
    }

    private void copyUp(Failover promoted) {
        try {
            promotion.copyUp(promoted, () -> closed);
        } catch (IOException | RuntimeException e) {
            if (!closed && home.has(promoted.vm().id())) {
                LOG.error(
                        "vm={} what it was promoted from cannot be copied",
                        promoted.vm().name(),
                        e);
                events.error(
                        "failover-stuck",
                        promoted.vm().name().text(),
                        "what its disks had at record " + promoted.point() + " cannot be copied: " + e.getMessage());
            }
        }
        forgetIfRemoved(promoted);
    }

    /** Somebody has ended the VM's protection: nothing is promoted any more. */
    private void forgetIfRemoved(Failover failover) {
        try {
            if (!closed && !home.has(failover.vm().id())) {
                files.delete(failover);
            }
        } catch (IOException e) {
            LOG.warn(
                    "vm={} a failover that is over is still there",
                    failover.vm().name(),
                    e);
        }
    }

    /** Asked of the peer by what is not over, or given up: it may have missed that. */
    private List<Claim> asks(String peer) {
        return files.all().stream()
                .filter(failover -> failover.planned() && failover.peer().equals(peer))
                .flatMap(failover -> switch (failover.stage()) {
                    case WANTED -> Stream.of(failover.claim(here, Claim.Kind.WANTED));
                    case REFUSED -> Stream.of(failover.claim(here, Claim.Kind.WITHDRAWN));
                    case BEGUN, PROMOTED, PLAIN -> Stream.<Claim>empty();
                })
                .toList();
    }

    private final class EachOfAGroup implements GroupFailovers.Each {

        @Override
        public Optional<String> objection(Replica replica, Vm vm) {
            return Failovers.this.objection(replica, vm);
        }

        @Override
        public Failover promote(Failover begun) throws IOException {
            return promoted(begun);
        }

        @Override
        public void refuse(Failover wanted, String why) throws IOException {
            Failovers.this.refuse(wanted, why);
        }
    }
}
