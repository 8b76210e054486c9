package io.tidemark.failover;

import com.fasterxml.jackson.annotation.JsonProperty;
import io.tidemark.journal.JournalId;
import io.tidemark.vm.Name;
import java.util.List;
import java.util.UUID;

/**
 * A failover of all VMs of a group that takes place, whatever happens: kept until none of them is only begun. After a crash it goes on for all.
 *
 * @param journal of the replica they are promoted from
 * @param members each begun, all at one point, in the order in which they are to be started
 */
record GroupFailover(
        @JsonProperty("group") Name group,
        @JsonProperty("journal") UUID journal,
        @JsonProperty("members") List<Failover> members) {

    GroupFailover {
        members = List.copyOf(members);
    }

    boolean isOf(JournalId replica, Name other) {
        return journal.equals(replica.id()) && group.equals(other);
    }
}
