package io.tidemark.sim;

import io.tidemark.failover.Failovers;
import io.tidemark.journal.Entry;
import io.tidemark.journal.JournalRecord;
import io.tidemark.journal.Sequence;
import io.tidemark.journal.Shipping;
import io.tidemark.journal.StreamId;
import io.tidemark.journal.VmId;
import io.tidemark.replica.HeldPoint;
import io.tidemark.replica.PointChoice;
import io.tidemark.replica.Replica;
import io.tidemark.stage.ReplicaStage;
import io.tidemark.term.Tenure;
import io.tidemark.vm.AckPolicy;
import io.tidemark.vm.AttachMode;
import io.tidemark.vm.Definition;
import io.tidemark.vm.Disk;
import io.tidemark.vm.Name;
import io.tidemark.vm.RecoveryPoint;
import io.tidemark.vm.Vm;
import io.tidemark.vm.VmDocument;
import java.io.IOException;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Random;
import java.util.UUID;

/**
 * One run in which roles change: a VM, whose guest may run at both sites at once, and people who fail it over, planned or not, to any point, while
 * processes die, the power goes and the link is cut. At each instant at most one site acknowledges its writes in a term, who is fenced takes none,
 * and every disk, promoted ones and those at points, is what it began with and what was written since (I3, I11).
 */
final class RoleSimulation {

    private static final int CALM_STEPS = 3000;

    private final Scheduler scheduler;
    private final Trace trace;
    private final int steps;
    private final RoleSite north;
    private final RoleSite south;
    private final List<RoleClient> clients = new ArrayList<>();
    private final Map<VmId, Map<Long, RoleSite>> sources = new HashMap<>();
    private final Vm vm;
    private Optional<Violation> violation = Optional.empty();
    private boolean defined;
    private boolean calm;
    private Optional<RoleSite.Life> asked = Optional.empty(); // whose process somebody waits for
    private long numbers;

    RoleSimulation(long seed, int steps, Trace trace) {
        this.scheduler = new Scheduler(seed);
        this.trace = trace;
        this.steps = steps;
        Duration window = oneIn(2) ? Duration.ofDays(1) : scheduler.upTo(Duration.ofMillis(100));
        north = new RoleSite(scheduler, trace, "north", "south", 1, window);
        south = new RoleSite(scheduler, trace, "south", "north", 2, window);
        north.meet(south);
        List.of(north, south)
                .forEach(site -> site.own().journal().watch(record -> checking(() -> appended(site, record))));
        List<Disk> its = new ArrayList<>();
        for (int i = 0; i <= random().nextInt(2); i++) {
            its.add(new Disk(
                    new StreamId(new UUID(60, i)),
                    new Name("disk" + i),
                    GuestDisk.BLOCKS * Op.BLOCK,
                    AttachMode.DIRECT,
                    List.of(AckPolicy.values()).get(random().nextInt(2))));
        }
        vm = new Vm(new VmId(new UUID(50, 1)), new Name("vm"), its, Definition.NONE);
        for (Disk disk : its) {
            clients.add(new RoleClient(this, north, vm, disk));
            clients.add(new RoleClient(this, south, vm, disk));
        }
    }

    /** Runs to its end; a {@link Violation} if an invariant does not hold on the way. */
    void run() {
        live(steps / 2);
        if (oneIn(2)) {
            rest(); // else a VM hardly ever comes so far that it can come home
            north.life().filter(life -> !somebodyWaits()).ifPresent(life -> failOver(north, life));
        }
        live(steps / 2);
        rest();
        int writable = 0;
        for (RoleSite site : List.of(north, south)) {
            writable += isSource(site) ? 1 : 0;
        }
        int sites = writable;
        Violation.unless(!defined || sites <= 1, "I11", () -> sites + " sites are the source of the VM, at rest");
    }

    private void live(int some) {
        calm = false;
        for (int i = 0; i < some; i++) {
            step(oneIn(150));
        }
    }

    private void rest() {
        calm = true;
        link(true);
        for (int i = 0; i < CALM_STEPS; i++) {
            step(false);
        }
    }

    Random random() {
        return scheduler.random();
    }

    boolean oneIn(int times) {
        return scheduler.oneIn(times);
    }

    boolean calm() {
        return calm;
    }

    long number() {
        return ++numbers;
    }

    /** Somebody catches what is thrown in there: it is remembered. */
    void checking(Runnable check) {
        try {
            check.run();
        } catch (Violation found) {
            violation = violation.or(() -> Optional.of(found));
            throw found;
        }
    }

    /** The disk of that name that the VM has at the site now. */
    Optional<StreamId> diskOf(RoleSite site, VmId id, Name name) {
        Optional<StreamId> found = Optional.empty();
        for (long i = 1; i <= site.history().last().number(); i++) {
            if (site.history().at(new Sequence(i)) instanceof Entry.VmDefined is
                    && is.vm().equals(id)) {
                found = VmDocument.read(is.vm(), is.document()).disk(name).map(Disk::id);
            }
        }
        return found;
    }

    /** A guest was told that its write is done: in a term nobody but one site says that (I11). */
    void acknowledged(RoleSite site, VmId id) {
        Tenure tenure = site.life().orElseThrow().roles().tenure(id);
        if (tenure.fence().isPresent()) {
            return; // taken before, and told before anybody was told of the fence
        }
        RoleSite only =
                sources.computeIfAbsent(id, any -> new HashMap<>()).computeIfAbsent(tenure.number(), any -> site);
        Violation.unless(
                only == site,
                "I11",
                () -> only + " and " + site + " both acknowledge writes in term " + tenure.number());
    }

    private boolean isSource(RoleSite site) {
        return site.life()
                .filter(life -> life.roles().fence(vm.id()).isEmpty()
                        && diskOf(site, vm.id(), vm.disks().getFirst().name()).isPresent())
                .isPresent();
    }

    private void step(boolean withFault) {
        try {
            if (withFault) {
                fault();
            } else {
                act(random().nextInt(100));
            }
        } catch (ProcessDied died) {
            trace.add(Trace.Word.DIE_IN_THE_MIDDLE, 0, () -> "");
        }
        violation.ifPresent(found -> {
            throw found;
        });
        for (RoleSite site : List.of(north, south)) {
            if (site.isDying()) {
                site.end(oneIn(2));
            }
            site.follow();
        }
    }

    private void act(int choice) {
        if (choice < 75) {
            scheduler.step();
        } else if (choice < 94) {
            clients.get(random().nextInt(clients.size())).act();
        } else {
            RoleSite site = oneIn(2) ? north : south;
            if (site.life().isEmpty()) {
                site.restart();
            } else if (site.life().get().isOpen()) {
                operate(site, site.life().get());
            }
        }
    }

    private void operate(RoleSite site, RoleSite.Life life) {
        if (!defined && site == north) {
            defined = true;
            var unused = life.source().intake().define(vm);
        } else if (!calm && !somebodyWaits() && oneIn(12)) {
            failOver(site, life);
        } else if (oneIn(4)) {
            life.operators().execute(() -> look(site, life.replica().replica()));
        }
    }

    private boolean somebodyWaits() {
        return asked.isPresent() && (asked.equals(north.life()) || asked.equals(south.life()));
    }

    private void failOver(RoleSite site, RoleSite.Life life) {
        asked = Optional.of(life);
        boolean planned = oneIn(2);
        boolean latest = oneIn(2);
        int older = random().nextInt(1000);
        life.operators().execute(() -> {
            try {
                Replica replica = life.replica().replica();
                List<RecoveryPoint> points = replica.points(vm.id()).join().stream()
                        .filter(RecoveryPoint::consistent)
                        .toList();
                Optional<Vm> known = replica.vms().join().stream()
                        .filter(each -> each.id().equals(vm.id()))
                        .findFirst();
                if (known.isPresent() && !points.isEmpty()) {
                    PointChoice choice = latest
                            ? new PointChoice.Latest()
                            : new PointChoice.At(
                                    points.get(older % points.size()).sequence());
                    Failovers.Outcome outcome = planned
                            ? life.failovers().startPlanned(replica, known.get())
                            : life.failovers().start(replica, known.get(), choice);
                    trace.add(Trace.Word.NOTE, 0, () -> site + " " + outcome);
                }
            } catch (IOException e) {
                trace.add(Trace.Word.NOTE, 0, () -> site + " cannot be promoted: " + e);
            } finally {
                asked = Optional.empty();
            }
        });
    }

    /** A consistent point of what the other site ships: its disks are what they were there (I3). */
    private void look(RoleSite site, Replica replica) {
        List<RecoveryPoint> points = replica.points(vm.id()).join().stream()
                .filter(RecoveryPoint::consistent)
                .toList();
        if (points.isEmpty()) {
            return;
        }
        RecoveryPoint chosen = points.get(random().nextInt(points.size()));
        Optional<HeldPoint> held = replica.hold(vm.id(), new PointChoice.At(chosen.sequence()), () -> {})
                .join();
        held.ifPresent(point -> checking(() -> compare(site, point)));
    }

    private void compare(RoleSite site, HeldPoint held) {
        RecoveryPoint point = held.point();
        for (Disk disk : point.vm().disks()) {
            byte[] read = ReplicaStage.read(held, disk);
            byte[] expected = site.peer().history().diskAt(disk.id(), point.sequence(), read.length);
            Violation.unless(
                    Arrays.equals(read, Arrays.copyOf(expected, read.length)),
                    "I3",
                    () -> "disk " + disk.name() + " at point " + point.sequence() + " of " + site.peer() + ", at "
                            + site + ", differs from byte " + Arrays.mismatch(read, expected));
        }
        held.hold().close();
    }

    private void fault() {
        RoleSite site = oneIn(2) ? north : south;
        switch (random().nextInt(6)) {
            case 0 -> site.life().ifPresent(life -> site.end(false));
            case 1 -> site.life().ifPresent(life -> site.end(true));
            case 2 ->
                site.life().ifPresent(life -> (oneIn(2) ? site.own() : site.received())
                        .dieAfter(1 + random().nextInt(60)));
            case 3 -> {
                trace.add(Trace.Word.BREAK_LINK, 0, () -> "");
                site.outgoing().breakSessions();
            }
            case 4 -> link(!north.outgoing().up());
            default -> scheduler.jump(Duration.ofSeconds(random().nextInt(20_000) - 10_000));
        }
    }

    private void link(boolean up) {
        trace.add(Trace.Word.BREAK_LINK, 1, () -> up ? "it is up" : "it is cut");
        north.outgoing().up(up);
        south.outgoing().up(up);
    }

    /** Behind the word that a VM is fenced no write of its guest comes (I11). */
    private void appended(RoleSite site, JournalRecord record) {
        site.history().add(record);
        Entry entry = record.entry();
        trace.add(Trace.Word.WRITE, record.sequence().number(), () -> site + " " + record.sequence() + ": " + entry);
        if (entry instanceof Entry.Data data && data.shipping() != Shipping.COPIED) {
            Violation.unless(
                    !site.isFenced(vm.id()), "I11", () -> site + " is fenced, and takes record " + record.sequence());
        }
        site.own().step();
    }
}
