package io.tidemark.target;

import io.tidemark.journal.Sequence;
import io.tidemark.vm.Name;
import io.tidemark.vm.Standing;
import java.time.Duration;
import java.time.Instant;
import java.util.List;

/**
 * What a target holds.
 *
 * @param at it has everything up to here durably
 * @param time when that record was appended: a label
 * @param writing whether it may hold a part of what follows already, and is no point until that is complete
 * @param behind how long it has not caught up with what was durable here; zero when it has
 * @param connections to all disks together
 * @param vms which of the VMs there are at a consistent point
 */
public record TargetStatus(
        Sequence at, Instant time, boolean writing, Duration behind, int connections, List<VmAtTarget> vms) {

    static final Standing BETWEEN_POINTS =
            new Standing.Inconsistent("the target is on its way to a later point, and holds a part of it");

    /** What a target holds of a VM. */
    public record VmAtTarget(Name vm, Standing standing) {}
}
