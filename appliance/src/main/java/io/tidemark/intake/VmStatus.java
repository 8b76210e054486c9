package io.tidemark.intake;

import io.tidemark.journal.Epoch;
import io.tidemark.vm.Disk;
import io.tidemark.vm.Standing;
import io.tidemark.vm.StreamState;
import io.tidemark.vm.Vm;
import java.time.Duration;
import java.util.List;
import java.util.OptionalLong;

/**
 * A protected VM as it is at one instant.
 *
 * @param standing whether a recovery point now would be consistent
 * @param rpo age of the oldest acknowledged write that is in no recovery point of the replica
 */
public record VmStatus(Vm vm, Standing standing, Duration rpo, List<DiskStatus> disks) {

    /**
     * One of its disks.
     *
     * @param rung how it is shipped
     * @param export the name under which clients find it
     * @param copyLeftBytes what is still to be copied to the replica; empty when nothing is
     */
    public record DiskStatus(
            Disk disk,
            StreamState state,
            Rung rung,
            int connections,
            Epoch epoch,
            String export,
            OptionalLong copyLeftBytes) {}
}
