package io.tidemark.appliance;

import io.tidemark.failover.Drill;
import io.tidemark.failover.DrillBook;
import io.tidemark.failover.Drills;
import io.tidemark.journal.JournalId;
import io.tidemark.journal.VmId;
import io.tidemark.replica.PointChoice;
import io.tidemark.replica.Replica;
import io.tidemark.replica.ReplicaStatus;
import io.tidemark.replica.Replicas;
import io.tidemark.vm.RecoveryPoint;
import io.tidemark.vm.Vm;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Collection;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.stream.Collectors;

/** The VMs of other sites that can be brought back here. All calls block, so none comes from an event loop. */
public final class Recovery {

    /** A VM that can be brought back, and where its data is. */
    public record Recoverable(Replica replica, Vm vm) {}

    private final Replicas replicas;
    private final Drills drills;
    private final DrillBook drillBook;

    Recovery(Replicas replicas, Drills drills, DrillBook drillBook) {
        this.replicas = replicas;
        this.drills = drills;
        this.drillBook = drillBook;
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

    public List<ReplicaStatus> replicas() {
        return replicas.all().stream().map(replica -> replica.status().join()).toList();
    }

    /** Starts a drill; when this returns, its disks can be used. */
    public Drills.Outcome drill(Recoverable vm, PointChoice choice) {
        Drills.Outcome outcome =
                drills.start(vm.replica(), vm.vm().id(), choice).join();
        if (outcome instanceof Drills.Outcome.Started) {
            drillBook.drilled(
                    vm.vm().id(), all().stream().map(each -> each.vm().id()).collect(Collectors.toSet()));
        }
        return outcome;
    }

    /** How long ago a VM was drilled last; empty if it never was here. */
    public Optional<Duration> sinceDrill(Recoverable vm) {
        return drillBook.sinceDrill(vm.vm().id());
    }

    public Collection<Drill> drills() {
        return drills.all();
    }

    public Optional<Drill> drill(String id) {
        return drills.find(id);
    }

    /** Ends a drill and throws away what it has written; false if there is none of this id. */
    public boolean deleteDrill(String id) {
        return drills.delete(id);
    }
}
