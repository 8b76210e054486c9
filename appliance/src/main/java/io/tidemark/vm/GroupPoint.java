package io.tidemark.vm;

import io.tidemark.journal.Sequence;
import java.time.Instant;
import java.util.List;

/**
 * A sequence at which the disks of all VMs of a group can be brought back.
 *
 * @param vms as they were then, those that named the group, in the order in which they are to be started
 */
public record GroupPoint(
        Sequence sequence, Instant time, RecoveryPoint.Kind kind, Name group, List<Vm> vms, Standing standing)
        implements Point<GroupPoint> {

    public GroupPoint {
        vms = List.copyOf(vms);
    }

    /** One of its VMs there. */
    public RecoveryPoint of(Vm vm) {
        return new RecoveryPoint(sequence, time, kind, vm, standing);
    }

    /** Why a point of the group is not consistent, with the VM it is for. */
    public static String reason(Vm vm, String reason) {
        return "VM " + vm.name() + ": " + reason;
    }

    @Override
    public GroupPoint withdrawn(String reason) {
        return new GroupPoint(sequence, time, kind, group, vms, new Standing.Inconsistent(reason));
    }
}
