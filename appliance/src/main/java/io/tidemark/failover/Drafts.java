package io.tidemark.failover;

import io.tidemark.failover.Failover.Stage;
import io.tidemark.journal.Sequence;
import io.tidemark.replica.Replica;
import io.tidemark.vm.AttachMode;
import io.tidemark.vm.Disk;
import io.tidemark.vm.RecoveryPoint;
import io.tidemark.vm.Vm;
import java.time.InstantSource;
import java.util.List;

/** What failovers are before anything is written down. */
final class Drafts {

    private final FailoverFiles files;
    private final Roles roles;
    private final Home home;
    private final InstantSource clock;

    Drafts(FailoverFiles files, Roles roles, Home home, InstantSource clock) {
        this.files = files;
        this.roles = roles;
        this.home = home;
        this.clock = clock;
    }

    /** In a term above all that were ever asked for. */
    Failover wanted(Replica replica, Vm vm, boolean planned) {
        long known = roles.tenure(vm.id()).number();
        long asked = files.find(vm.id()).map(Failover::term).orElse(0L);
        return new Failover(
                vm,
                vm,
                replica.journal().id(),
                Sequence.NONE,
                "",
                Math.addExact(Math.max(known, asked), 1),
                replica.site(),
                Stage.WANTED,
                Sequence.NONE,
                Sequence.NONE,
                CopyBack.UNDECIDED,
                planned,
                clock.instant().toString(),
                "");
    }

    /** At a point that is held. */
    Failover begun(Failover wanted, RecoveryPoint at) {
        return wanted.begun(at, direct(at.vm()));
    }

    /**
     * The guest's disks are our exports from now on, however they were attached to the source. They are new disks: the journal here may have records
     * of the old ones, from a time when the VM was here before, and none of them may come back.
     */
    private Vm direct(Vm vm) {
        List<Disk> disks = vm.disks().stream()
                .map(disk ->
                        new Disk(home.newDisk(), disk.name(), disk.sizeBytes(), AttachMode.DIRECT, disk.acknowledge()))
                .toList();
        return vm.on(disks);
    }
}
