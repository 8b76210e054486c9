package io.tidemark.replica;

import io.tidemark.vm.GroupPoint;
import java.util.List;

/**
 * A recovery point of a group in use: all of its VMs can be read there until the hold is closed.
 *
 * @param hold the one of all of them
 * @param vms in the order in which they are to be started
 */
public record HeldGroup(GroupPoint point, FloorHold hold, List<HeldPoint> vms) {

    public HeldGroup {
        vms = List.copyOf(vms);
    }
}
