package io.tidemark.appliance;

import io.tidemark.journal.VmId;
import io.tidemark.vm.AckPolicy;
import io.tidemark.vm.AttachMode;
import io.tidemark.vm.Clients;
import io.tidemark.vm.Firmware;
import io.tidemark.vm.Membership;
import io.tidemark.vm.Name;
import io.tidemark.vm.Priority;
import java.util.List;
import java.util.Optional;

/**
 * How an operator wants a VM to be protected.
 *
 * @param peer the site it is shipped to
 * @param definition libvirt XML or any other text; empty to leave it as it is
 * @param firmware the firmware's variables; empty to leave them as they are
 * @param group the one that it is to belong to; empty for none
 * @param priority whether it goes before others when the link takes less than is written; empty to leave that as it is
 * @param clients who may open its disks; empty to leave that as it is
 * @param id what a VM that is not known here was known as before, here or elsewhere; empty for one that never was
 */
public record VmWish(
        String peer,
        List<DiskWish> disks,
        Optional<String> definition,
        Optional<Firmware> firmware,
        Optional<Membership> group,
        Optional<Priority> priority,
        Optional<Clients> clients,
        Optional<VmId> id) {

    /** Of a VM that is to belong to no group, and of which nothing else is said. */
    public VmWish(String peer, List<DiskWish> disks, Optional<String> definition, Optional<Firmware> firmware) {
        this(peer, disks, definition, firmware, Optional.empty(), Optional.empty(), Optional.empty(), Optional.empty());
    }

    /**
     * One disk of it.
     *
     * @param acknowledge empty for what suits the attach mode
     * @param seeded whether its replica is to begin with a seed; empty to leave that as it is
     */
    public record DiskWish(
            Name name,
            long sizeBytes,
            AttachMode attachMode,
            Optional<AckPolicy> acknowledge,
            Optional<Boolean> seeded) {

        /** One about whose replica nothing is said. */
        public DiskWish(Name name, long sizeBytes, AttachMode attachMode, Optional<AckPolicy> acknowledge) {
            this(name, sizeBytes, attachMode, acknowledge, Optional.empty());
        }

        /** When its writes are acknowledged. */
        public AckPolicy policy() {
            AckPolicy policy = acknowledge.orElse(attachMode.hidesGaps() ? AckPolicy.DURABLE : AckPolicy.JOURNALED);
            if (policy == AckPolicy.JOURNALED && attachMode.hidesGaps()) {
                throw new IllegalArgumentException("disk " + name + ": the source of a disk in attach mode "
                        + attachMode.label() + " forgets a write when it is acknowledged and never flushes it;"
                        + " acknowledge must be durable");
            }
            return policy;
        }
    }
}
