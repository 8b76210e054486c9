package io.tidemark.appliance;

import io.tidemark.failover.Drill;
import io.tidemark.failover.Drills;
import io.tidemark.replica.PointChoice;
import io.tidemark.replica.Replica;
import io.tidemark.replica.ReplicaStatus;
import io.tidemark.replica.Replicas;
import io.tidemark.vm.RecoveryPoint;
import io.tidemark.vm.Vm;
import java.util.ArrayList;
import java.util.Collection;
import java.util.List;
import java.util.Optional;

/** The VMs of other sites that can be brought back here. All calls block, so none comes from an event loop. */
public final class Recovery {

    /** A VM that can be brought back, and where its data is. */
    public record Recoverable(Replica replica, Vm vm) {}

    private final Replicas replicas;
    private final Drills drills;

    Recovery(Replicas replicas, Drills drills) {
        this.replicas = replicas;
        this.drills = drills;
    }

    public List<Recoverable> all() {
        List<Recoverable> all = new ArrayList<>();
        for (Replica replica : replicas.all()) {
            replica.vms().join().forEach(vm -> all.add(new Recoverable(replica, vm)));
        }
        return all;
    }

    /** Finds VMs by name or id: more than one when two sites have a VM of that name. */
    public List<Recoverable> find(String nameOrId) {
        return all().stream()
                .filter(each -> each.vm().name().text().equals(nameOrId)
                        || each.vm().id().toString().equals(nameOrId))
                .toList();
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
        return drills.start(vm.replica(), vm.vm().id(), choice).join();
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
