package io.tidemark.appliance;

import io.tidemark.failover.Drill;
import io.tidemark.failover.DrillLog;
import io.tidemark.failover.Drills;
import io.tidemark.failover.Verdict;
import io.tidemark.journal.JournalId;
import io.tidemark.journal.Sequence;
import io.tidemark.journal.VmId;
import io.tidemark.replica.GroupPinOutcome;
import io.tidemark.replica.PinOutcome;
import io.tidemark.replica.PointChoice;
import io.tidemark.replica.Replica;
import io.tidemark.replica.ReplicaStatus;
import io.tidemark.replica.Replicas;
import io.tidemark.vm.GroupPoint;
import io.tidemark.vm.Name;
import io.tidemark.vm.Point;
import io.tidemark.vm.RecoveryPoint;
import io.tidemark.vm.Vm;
import java.time.Duration;
import java.time.Instant;
import java.time.InstantSource;
import java.util.ArrayList;
import java.util.Collection;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/** The VMs of other sites that can be brought back here. All calls block, so none comes from an event loop. */
public final class Recovery {

    /** A VM that can be brought back, and where its data is. */
    public record Recoverable(Replica replica, Vm vm) {}

    /** A group whose VMs can be brought back, and where their data is: one lineage, since only that has one sequence. */
    public record RecoverableGroup(Replica replica, Name name) {}

    private final Replicas replicas;
    private final Drills drills;
    private final DrillLog drillLog;
    private final InstantSource clock;

    Recovery(Replicas replicas, Drills drills, DrillLog drillLog, InstantSource clock) {
        this.replicas = replicas;
        this.drills = drills;
        this.drillLog = drillLog;
        this.clock = clock;
    }

    /** Each VM once, however many lineages have it. */
    public List<Recoverable> all() {
        return preferred(inEveryLineage());
    }

    /**
     * Finds VMs by name or id: more than one when two sites have a VM of that name. Of a VM that several lineages have it is the newest one
     * in which it has a consistent point, if there is one.
     */
    public List<Recoverable> find(String nameOrId) {
        return preferred(inEveryLineage().stream()
                .filter(each -> isCalled(each, nameOrId))
                .toList());
    }

    /** Finds a VM by name or id as one lineage has it. */
    public List<Recoverable> find(String nameOrId, JournalId lineage) {
        return inEveryLineage().stream()
                .filter(each -> each.replica().journal().equals(lineage) && isCalled(each, nameOrId))
                .toList();
    }

    /**
     * Finds groups by name: more than one when sites have chosen the same. Of a group that several lineages have it is the newest one in which it has
     * a consistent point, if there is one.
     */
    public List<RecoverableGroup> findGroup(Name name) {
        Map<String, RecoverableGroup> chosen = new LinkedHashMap<>();
        groupInEveryLineage(name).forEach(each -> chosen.merge(each.replica().site(), each, this::prefer));
        return List.copyOf(chosen.values());
    }

    /** Finds a group as one lineage has it. */
    public List<RecoverableGroup> findGroup(Name name, JournalId lineage) {
        return groupInEveryLineage(name).stream()
                .filter(each -> each.replica().journal().equals(lineage))
                .toList();
    }

    private List<RecoverableGroup> groupInEveryLineage(Name name) {
        return replicas.all().stream()
                .filter(replica -> replica.groups().join().contains(name))
                .map(replica -> new RecoverableGroup(replica, name))
                .toList();
    }

    private List<Recoverable> inEveryLineage() {
        List<Recoverable> all = new ArrayList<>();
        for (Replica replica : replicas.all()) {
            replica.vms().join().forEach(vm -> all.add(new Recoverable(replica, vm)));
        }
        return all;
    }

    private List<Recoverable> preferred(List<Recoverable> all) {
        Map<VmId, Recoverable> chosen = new LinkedHashMap<>();
        all.forEach(each -> chosen.merge(each.vm().id(), each, this::prefer));
        return List.copyOf(chosen.values());
    }

    /** A lineage that is still being copied does not hide the points of the one before. */
    private Recoverable prefer(Recoverable one, Recoverable other) {
        boolean newer = one.replica().provenance().number()
                > other.replica().provenance().number();
        Recoverable newest = newer ? one : other;
        Recoverable before = newer ? other : one;
        return hasConsistentPoint(newest) || !hasConsistentPoint(before) ? newest : before;
    }

    private RecoverableGroup prefer(RecoverableGroup one, RecoverableGroup other) {
        boolean newer = one.replica().provenance().number()
                > other.replica().provenance().number();
        RecoverableGroup newest = newer ? one : other;
        RecoverableGroup before = newer ? other : one;
        return hasConsistentPoint(newest) || !hasConsistentPoint(before) ? newest : before;
    }

    private boolean hasConsistentPoint(RecoverableGroup group) {
        return points(group).stream().anyMatch(Point::consistent);
    }

    private boolean hasConsistentPoint(Recoverable vm) {
        return points(vm).stream().anyMatch(RecoveryPoint::consistent);
    }

    private static boolean isCalled(Recoverable vm, String nameOrId) {
        return vm.vm().name().text().equals(nameOrId) || vm.vm().id().toString().equals(nameOrId);
    }

    /** The points of a VM, oldest first, consistent or not. */
    public List<RecoveryPoint> points(Recoverable vm) {
        return vm.replica().points(vm.vm().id()).join();
    }

    /** The points of a group, oldest first, consistent or not. */
    public List<GroupPoint> points(RecoverableGroup group) {
        return group.replica().points(group.name()).join();
    }

    /** The pins of a VM, oldest point first. */
    public List<PinOutcome.Pinned> pins(Recoverable vm) {
        return vm.replica().pins(vm.vm().id()).join();
    }

    /** Keeps a point beyond the recovery window, durably on return. */
    public PinOutcome pin(Recoverable vm, Name name, PointChoice choice) {
        return vm.replica().pin(vm.vm().id(), name, choice, clock.instant()).join();
    }

    /** Lets a pinned point leave with the recovery window, durably on return; false if there was no such pin. */
    public boolean unpin(Recoverable vm, Name name) {
        return vm.replica().unpin(vm.vm().id(), name).join();
    }

    /** The pins of a group, oldest point first. */
    public List<GroupPinOutcome.Pinned> pins(RecoverableGroup group) {
        return group.replica().pins(group.name()).join();
    }

    /** Keeps a point of a group beyond the recovery window, durably on return. */
    public GroupPinOutcome pin(RecoverableGroup group, Name name, PointChoice choice) {
        return group.replica().pin(group.name(), name, choice, clock.instant()).join();
    }

    /** Lets a pinned point of a group leave with the recovery window, durably on return; false if there was no such pin. */
    public boolean unpin(RecoverableGroup group, Name name) {
        return group.replica().unpin(group.name(), name).join();
    }

    /** The drills at a point, oldest first, also those of earlier lives of this appliance. */
    public List<DrillLog.Drilled> drillsAt(Recoverable vm, Sequence point) {
        return drillLog.at(vm.replica().journal(), vm.vm().id(), point);
    }

    /** The drills of a whole group at a point, oldest first, also those of earlier lives of this appliance. */
    public List<DrillLog.Drilled> drillsAt(RecoverableGroup group, GroupPoint point) {
        return drillLog.at(
                group.replica().journal(), point.vms().stream().map(Vm::id).toList(), point.sequence());
    }

    /** The newest drill of a VM that somebody has seen pass. */
    public Optional<DrillLog.Drilled> lastPassedDrill(VmId vm) {
        return drillLog.lastPassed(vm);
    }

    /** How long ago the VM was drilled last, if it ever was and nobody said that it failed. */
    public Optional<Duration> sinceDrill(Recoverable vm) {
        return drillLog.newest(vm.vm().id())
                .map(drill -> Duration.between(Instant.parse(drill.started()), clock.instant()));
    }

    public List<ReplicaStatus> replicas() {
        return replicas.all().stream().map(replica -> replica.status().join()).toList();
    }

    /** Starts a drill; when this returns, its disks can be used. */
    public Drills.Outcome drill(Recoverable vm, PointChoice choice) {
        return drills.start(vm.replica(), vm.vm().id(), choice).join();
    }

    /** Starts a drill of all VMs of a group, or of none; when this returns, their disks can be used. */
    public Drills.Outcome drill(RecoverableGroup group, PointChoice choice) {
        return drills.start(group.replica(), group.name(), choice).join();
    }

    public Collection<Drill> drills() {
        return drills.all();
    }

    public Optional<Drill> drill(String id) {
        return drills.find(id);
    }

    /** Ends a drill and throws away what it has written; false if there is none of this id. */
    public boolean deleteDrill(String id, Verdict verdict) {
        return drills.delete(id, verdict);
    }
}
