package io.tidemark.sim;

import io.tidemark.journal.Sequence;
import io.tidemark.journal.StreamId;
import io.tidemark.journal.VmId;
import io.tidemark.replica.HeldPoint;
import io.tidemark.replica.PointChoice;
import io.tidemark.replica.ReplicaStatus;
import io.tidemark.stage.ReplicaStage;
import io.tidemark.vm.Disk;
import io.tidemark.vm.RecoveryPoint;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.TreeMap;
import java.util.TreeSet;

/** Looks at what a replica offers, as an operator would, and compares it with what the source's journal says. */
final class Inspector {

    private final Simulation world;
    private final PointModel model = new PointModel();
    private final TreeSet<Sequence> received = new TreeSet<>();
    private Sequence known = Sequence.NONE;
    private int inspected;

    Inspector(Simulation world) {
        this.world = world;
    }

    /** How many disks at points were compared. */
    int inspected() {
        return inspected;
    }

    /** Looks at one VM, and at one of its points. */
    void look(SimulatedReplica at) {
        List<VmId> vms = vms();
        if (!vms.isEmpty()) {
            look(at, vms.get(world.random().nextInt(vms.size())), false);
        }
    }

    /** Looks at every point there is. */
    void lookAtAll(SimulatedReplica at) {
        vms().forEach(vm -> look(at, vm, true));
    }

    private List<VmId> vms() {
        List<VmId> all = new ArrayList<>();
        model.known().forEach(all::add);
        all.sort(java.util.Comparator.comparing(VmId::toString));
        return all;
    }

    /** The replica has appended the record. */
    void received(Sequence record) {
        received.add(record);
    }

    /** The replica has lost what was behind this one. */
    void lost(Sequence last) {
        received.tailSet(last, false).clear();
    }

    /** Takes up what the replica has made durable. */
    void follow(SimulatedReplica at) {
        Sequence durable = at.journal().durable();
        Violation.unless(
                !durable.isAfter(world.history().last()),
                "I2",
                () -> "the replica has " + durable + ", the source "
                        + world.history().last());
        while (known.isBefore(durable)) {
            known = known.next();
            if (received.contains(known)) { // else it was given up
                model.apply(known, world.history().at(known));
            }
        }
    }

    private void look(SimulatedReplica at, VmId vm, boolean all) {
        ReplicaStatus[] before = new ReplicaStatus[1];
        List<List<RecoveryPoint>> offered = new ArrayList<>();
        TreeMap<Sequence, Boolean> expected = new TreeMap<>();
        var unusedFirst = at.replica().status().thenAccept(status -> before[0] = status);
        var unusedSecond = at.replica()
                .points(vm)
                .thenAccept(points -> world.checking(() -> {
                    follow(at);
                    offered.add(points);
                    expected.putAll(model.of(vm));
                }));
        var unusedThird = at.replica()
                .status()
                .thenAccept(after -> world.checking(() -> {
                    if (!offered.isEmpty() && isOpen(after)) {
                        compare(vm, before[0].floor(), after.floor(), offered.getFirst(), expected);
                        hold(at, vm, offered.getFirst(), all);
                    }
                }));
    }

    /** One that could not be opened says so, and offers nothing until somebody starts it again. */
    private static boolean isOpen(ReplicaStatus status) {
        return status.problems().stream().noneMatch(problem -> problem.contains("cannot be opened"));
    }

    private void compare(
            VmId vm, Sequence before, Sequence after, List<RecoveryPoint> offered, Map<Sequence, Boolean> expected) {
        Map<Sequence, Boolean> seen = new TreeMap<>();
        for (RecoveryPoint point : offered) {
            seen.put(point.sequence(), point.consistent());
            Boolean consistent = expected.get(point.sequence());
            Violation.unless(
                    consistent != null && consistent == point.consistent(),
                    "I7",
                    () -> "point " + point.sequence() + " of " + point.vm().name() + " is offered as "
                            + point.standing() + ", expected " + consistent);
            Violation.unless(
                    model.vmAt(vm, point.sequence()).equals(point.vm()),
                    "I3",
                    () -> "point " + point.sequence() + " has " + point.vm() + ", expected "
                            + model.vmAt(vm, point.sequence()));
            Violation.unless(
                    !point.sequence().isBefore(before),
                    "I4",
                    () -> "point " + point.sequence() + " is below the floor " + before);
        }
        expected.forEach((at, consistent) -> Violation.unless(
                seen.containsKey(at) || (!at.isAfter(after) && !(at.equals(after) && consistent)),
                "I8",
                () -> "point " + at + " of " + vm + ", consistent " + consistent + ", is not offered; the floor is "
                        + after));
        model.best(vm)
                .filter(best -> Boolean.TRUE.equals(model.of(vm).get(best))) // else there is none to keep
                .ifPresent(best -> Violation.unless(
                        !after.isAfter(best),
                        "I8",
                        () -> "the floor is " + after + ", the last good point of " + vm + " is or was " + best));
    }

    private void hold(SimulatedReplica at, VmId vm, List<RecoveryPoint> offered, boolean all) {
        List<RecoveryPoint> good =
                offered.stream().filter(RecoveryPoint::consistent).toList();
        if (good.isEmpty()) {
            return;
        }
        boolean settled = world.settled();
        List<RecoveryPoint> chosen =
                all ? good : List.of(good.get(world.random().nextInt(good.size())));
        for (RecoveryPoint point : chosen) {
            var unused = at.replica()
                    .hold(vm, new PointChoice.At(point.sequence()), () -> {})
                    .thenAccept(found -> found.ifPresent(
                            hold -> at.readers().execute(() -> world.checking(() -> read(hold, settled)))));
        }
    }

    private void read(HeldPoint held, boolean settled) {
        RecoveryPoint point = held.point();
        Map<StreamId, byte[]> bytes = new HashMap<>();
        for (Disk disk : point.vm().disks()) {
            byte[] read = ReplicaStage.read(held, disk);
            byte[] expected = Arrays.copyOf(
                    world.history().diskAt(disk.id(), point.sequence(), read.length), (int) disk.sizeBytes());
            inspected++;
            Violation.unless(
                    Arrays.equals(read, expected),
                    "I3",
                    () -> "disk " + disk.name() + " of " + point.vm().name() + " at point " + point.sequence()
                            + " differs from byte " + Arrays.mismatch(read, expected));
            bytes.put(disk.id(), Arrays.copyOf(read, GuestDisk.BLOCKS * Op.BLOCK));
        }
        held.hold().close();
        if (settled) {
            Optional<String> missing = world.guest(point.vm().id()).missing(bytes);
            Violation.unless(
                    missing.isEmpty(),
                    "I7, I12",
                    () -> "point " + point.sequence() + " of " + point.vm().name() + " misses " + missing);
        }
    }

    /** Whether the newest good point of a guest holds all that was done (I9). */
    Optional<String> unfinished(Guest guest) {
        Optional<Sequence> newest = model.of(guest.vm().id()).descendingMap().entrySet().stream()
                .filter(Map.Entry::getValue)
                .map(Map.Entry::getKey)
                .findFirst();
        if (newest.isEmpty() && guest.hasDoneNothing()) {
            return Optional.empty();
        }
        if (newest.isEmpty()) {
            return Optional.of(guest.vm().name() + " has no good point");
        }
        for (GuestDisk disk : guest.disks()) {
            if (disk.ended()) {
                continue;
            }
            byte[] bytes = world.history().diskAt(disk.disk().id(), newest.get(), GuestDisk.BLOCKS * Op.BLOCK);
            for (int i = 0; i < GuestDisk.BLOCKS; i++) {
                int oldest = disk.oldestAllowed(i, false);
                if (disk.find(i, bytes) < oldest) {
                    return Optional.of(guest.vm().name() + "/" + disk.disk().name() + " block " + i + " at point "
                            + newest.get() + " is not what was written last");
                }
            }
        }
        return Optional.empty();
    }
}
