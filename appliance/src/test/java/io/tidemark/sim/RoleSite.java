package io.tidemark.sim;

import io.tidemark.appliance.JournalRoles;
import io.tidemark.appliance.PromotedVms;
import io.tidemark.events.EventLog;
import io.tidemark.failover.CopyBack;
import io.tidemark.failover.Failover;
import io.tidemark.failover.FailoverPatience;
import io.tidemark.failover.Failovers;
import io.tidemark.failover.Roles;
import io.tidemark.journal.JournalId;
import io.tidemark.journal.Sequence;
import io.tidemark.journal.StreamId;
import io.tidemark.journal.VmId;
import io.tidemark.link.Admission;
import io.tidemark.link.ReceiverDirectory;
import io.tidemark.ship.BacklogLimit;
import io.tidemark.term.Tenure;
import io.tidemark.vm.Disk;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.time.Duration;
import java.util.HashSet;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.UUID;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;

/** A site that ships a journal to another and keeps the one of that: put together as {@code appliance.Appliance} does it. */
final class RoleSite {

    private static final FailoverPatience PATIENCE =
            new FailoverPatience(Duration.ofMillis(150), Duration.ofMillis(80));
    private static final int LOOK_MILLIS = 5;

    /** One life of its process. */
    final class Life {

        private final SimulatedProcess process = new SimulatedProcess(scheduler, true);
        private final EventLog events = new EventLog(scheduler::wall);
        private final SimulatedThread operators = process.pool("operator");
        private final Roles roles;
        private final Failovers failovers;
        private final SimulatedSource source;
        private final SimulatedReplica replica;
        private boolean open;

        private Life() throws IOException {
            UUID boot = new UUID(number, boots);
            roles = new Roles(name, own.files(), process.thread("terms"));
            PromotedVms home = new PromotedVms(this::journals, this::replicas, RoleSite.this::newDisk);
            failovers = new Failovers(
                    new Failovers.Parts(
                            new SimulatedFolder(own.files(), "failovers"),
                            name,
                            roles,
                            home,
                            journal -> received,
                            process.thread("failover"),
                            events,
                            scheduler::wall,
                            scheduler::nanoTime),
                    PATIENCE);
            source = new SimulatedSource(
                    scheduler,
                    process,
                    own,
                    trace,
                    new SimulatedSource.Place(
                            journal,
                            peer.name,
                            roles.over(outgoing),
                            roles::fence,
                            failovers::isUndecided,
                            store -> failovers.volumes(store, new SimulatedFolder(own.files(), "layers"))),
                    history.lifeBefore(boot),
                    boot,
                    1 << 30,
                    new BacklogLimit(1));
            replica = new SimulatedReplica(
                    scheduler,
                    process,
                    received,
                    new SimulatedReplica.Place(
                            peer.journal,
                            peer.name,
                            failovers.footings().volumes(peer.journal, received),
                            failovers.footings().beginnings(peer.journal, peer.name),
                            () -> failovers.promotedFrom(peer.journal)),
                    window);
            ReceiverDirectory directory = roles.over(introduction -> new Admission.Accept(
                    replica.receiver().owner(), replica.receiver().listener()));
            peer.outgoing.receivedBy(introduction -> directory.admit(introduction) instanceof Admission.Accept accept
                    ? new SimulatedLink.Receiver(accept.owner(), accept.listener())
                    : replica.receiver());
            roles.begin(new Watched(new JournalRoles(this::journals, this::replicas, events)));
            process.thread("main").execute(() -> {
                failovers.begin(id -> Optional.of(replica.replica()));
                open = true;
            });
            var unused = process.thread("failback")
                    .scheduleWithFixedDelay(
                            failovers.failback()::look, LOOK_MILLIS, LOOK_MILLIS, TimeUnit.MILLISECONDS);
        }

        Roles roles() {
            return roles;
        }

        Failovers failovers() {
            return failovers;
        }

        SimulatedSource source() {
            return source;
        }

        SimulatedReplica replica() {
            return replica;
        }

        /** Threads of people who ask for something, and wait. */
        SimulatedThread operators() {
            return operators;
        }

        /** Whether clients are let in. */
        boolean isOpen() {
            return open;
        }

        private List<SimulatedSource> journals() {
            return List.of(source);
        }

        private List<io.tidemark.replica.Replica> replicas() {
            return List.of(replica.replica());
        }

        private void end() {
            outgoing.senderDied();
            peer.outgoing.receiverDied();
            source.kill();
            replica.kill();
            process.end();
        }
    }

    /** The journals of the site, with what they answer of fences: from there on no guest's write of a fenced VM may come. */
    private final class Watched implements Roles.Journals {

        private final JournalRoles journals;

        Watched(JournalRoles journals) {
            this.journals = journals;
        }

        @Override
        public boolean share(String with, VmId vm) {
            return journals.share(with, vm);
        }

        @Override
        public CompletableFuture<Optional<Sequence>> settle(VmId vm, Tenure tenure) {
            if (tenure.fence().isEmpty()) {
                fenced.remove(vm);
            }
            return journals.settle(vm, tenure).thenApply(last -> {
                if (last.isPresent()
                        && life.filter(now -> now.roles.fence(vm).isPresent()).isPresent()) {
                    fenced.add(vm);
                }
                return last;
            });
        }
    }

    private final Scheduler scheduler;
    private final Trace trace;
    private final String name;
    private final long number;
    private final Duration window;
    private final JournalId journal;
    private final SimulatedDisk own;
    private final SimulatedDisk received;
    private final SimulatedLink outgoing;
    private final History history = new History();
    private final Set<StreamId> based = new HashSet<>();
    private final Set<Long> copiedBack = new HashSet<>(); // terms in which it was decided what the other site lacks
    private final Set<VmId> fenced = new HashSet<>();
    private RoleSite peer = this; // until it has one
    private Optional<Life> life = Optional.empty();
    private long boots = 1;
    private long disks;

    RoleSite(Scheduler scheduler, Trace trace, String name, String other, long number, Duration window) {
        this.scheduler = scheduler;
        this.trace = trace;
        this.name = name;
        this.number = number;
        this.window = window;
        this.journal = new JournalId(new UUID(7, number));
        this.own = new SimulatedDisk(scheduler.random());
        this.received = new SimulatedDisk(scheduler.random());
        this.outgoing = new SimulatedLink(
                scheduler,
                trace,
                new SimulatedLink.Ends(SimulatedLink.site(name, number), SimulatedLink.site(other, 3 - number)));
    }

    /** Each is the other's peer. */
    void meet(RoleSite other) {
        peer = other;
        other.peer = this;
    }

    String name() {
        return name;
    }

    RoleSite peer() {
        return peer;
    }

    SimulatedDisk own() {
        return own;
    }

    SimulatedDisk received() {
        return received;
    }

    SimulatedLink outgoing() {
        return outgoing;
    }

    /** Every record of the journal that it ships. */
    History history() {
        return history;
    }

    Optional<Life> life() {
        return life;
    }

    /** Whether its journals have said that the VM takes no writes any more. */
    boolean isFenced(VmId vm) {
        return fenced.contains(vm);
    }

    void start() throws IOException {
        own.begin();
        received.begin();
        trace.add(Trace.Word.START_SOURCE, number, () -> name);
        life = Optional.of(new Life());
    }

    void end(boolean power) {
        trace.add(power ? Trace.Word.POWER_CUT_SOURCE : Trace.Word.KILL_SOURCE, number, () -> name);
        life.ifPresent(Life::end);
        life = Optional.empty();
        fenced.clear();
        own.begin();
        received.begin();
        if (power) {
            boots++;
            own.cutPower();
            received.cutPower();
        }
        history.forgetBehind(own.journal().last());
    }

    boolean isDying() {
        return own.dying() || received.dying();
    }

    /** What a VM was promoted from is what its disks hold, before anything is written to them. */
    void follow() {
        life.ifPresent(now -> now.failovers.all().forEach(this::follow));
    }

    private void follow(Failover failover) {
        if (failover.copyBack().kind() != CopyBack.Kind.UNDECIDED && copiedBack.add(failover.term())) {
            trace.add(
                    failover.copyBack().kind() == CopyBack.Kind.DIFFERENCE
                            ? Trace.Word.GO_ON_WITH_DIFFERENCE
                            : Trace.Word.GO_ON_WITH_ALL,
                    failover.term(),
                    () -> name + " copies to " + peer.name + " in term " + failover.term() + ": "
                            + failover.copyBack());
        }
        if (failover.point().equals(Sequence.NONE)
                || !based.add(failover.vm().disks().getFirst().id())) {
            return;
        }
        trace.add(
                number == 1 ? Trace.Word.PROMOTE_HOME : Trace.Word.PROMOTE,
                failover.term(),
                () -> name + " " + failover.vm().name() + " term " + failover.term() + " from record "
                        + failover.point() + " planned " + failover.planned());
        for (Disk disk : failover.vm().disks()) {
            StreamId under = failover.from().disk(disk.name()).orElseThrow().id();
            history.begin(disk.id(), peer.history.diskAt(under, failover.point(), GuestDisk.BLOCKS * Op.BLOCK));
        }
    }

    private StreamId newDisk() {
        return new StreamId(new UUID(70 + number, ++disks));
    }

    void restart() {
        try {
            start();
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    @Override
    public String toString() {
        return name;
    }
}
