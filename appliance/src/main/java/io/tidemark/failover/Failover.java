package io.tidemark.failover;

import com.fasterxml.jackson.annotation.JsonProperty;
import io.tidemark.journal.JournalId;
import io.tidemark.journal.Sequence;
import io.tidemark.journal.StreamId;
import io.tidemark.term.Claim;
import io.tidemark.term.Term;
import io.tidemark.vm.RecoveryPoint;
import io.tidemark.vm.Vm;
import java.util.Locale;
import java.util.UUID;

/**
 * A change of a VM's source to this site, as it is kept from step to step. After a crash it goes on from the last step that it says.
 *
 * <pre>
 *   Wanted --everything is here--> Begun --term raised, VM defined--> Promoted --all copied--> Plain
 *     +--anything else--> Refused <--newer term elsewhere--+
 * </pre>
 *
 * @param vm as it is here from now on: the same VM, on disks of its own
 * @param from the VM as the replica has it, at the point
 * @param journal of the replica it is promoted from
 * @param point the sequence its disks are taken at; none while it is only wanted
 * @param pointTime of that point
 * @param term the number of the term that this site is the source in
 * @param peer the site that was the source, and is shipped to from now on
 * @param received what was durable of the replica when the VM was promoted: behind the point it is set aside
 * @param aside which blocks the old source has changed behind the point is kept apart from the replica up to here; none while it is not
 * @param copyBack what is copied to the peer
 * @param started when somebody asked for it
 * @param problem why it was refused; empty if it was not
 */
public record Failover(
        @JsonProperty("vm") Vm vm,
        @JsonProperty("from") Vm from,
        @JsonProperty("journal") UUID journal,
        @JsonProperty("point") Sequence point,
        @JsonProperty("pointTime") String pointTime,
        @JsonProperty("term") long term,
        @JsonProperty("peer") String peer,
        @JsonProperty("stage") Stage stage,
        @JsonProperty("received") Sequence received,
        @JsonProperty("aside") Sequence aside,
        @JsonProperty("copyBack") CopyBack copyBack,
        @JsonProperty("planned") boolean planned,
        @JsonProperty("started") String started,
        @JsonProperty("problem") String problem) {

    /** How far it is. */
    public enum Stage {
        /** The source was asked to yield. Nothing has changed here. */
        WANTED,
        /** It does not take place. */
        REFUSED,
        /** It takes place, whatever happens. */
        BEGUN,
        /** The VM's disks are written to here; what they had at the point is still being copied. */
        PROMOTED,
        /** Nothing of the replica is needed any more. */
        PLAIN;

        /** Its name in REST. */
        public String label() {
            return name().toLowerCase(Locale.ROOT);
        }

        /** Whether the disks are read from the replica, at the point. */
        boolean standsOnReplica() {
            return this == BEGUN || this == PROMOTED;
        }

        /** Whether nothing is left to be done. */
        boolean isOver() {
            return this == REFUSED || this == PLAIN;
        }
    }

    JournalId replica() {
        return new JournalId(journal);
    }

    boolean has(StreamId stream) {
        return vm.has(stream);
    }

    /** The stream of the replica that has what one of the VM's disks had at the point. */
    StreamId under(StreamId disk) {
        return vm.disk(disk)
                .flatMap(known -> from.disk(known.name()))
                .orElseThrow()
                .id();
    }

    Claim claim(String here, Claim.Kind kind) {
        return Claim.of(vm.id(), new Term(term, here), kind);
    }

    /** The first disk of the VM: tells this time that it was promoted from any other. */
    StreamId firstDisk() {
        return vm.disks().getFirst().id();
    }

    /** Whether it is the VM of this term that lives here, or will. */
    boolean isUnderWay() {
        return stage == Stage.BEGUN || stage == Stage.PROMOTED || stage == Stage.PLAIN;
    }

    Failover begun(RecoveryPoint at, Vm promoted) {
        return new Failover(
                promoted,
                at.vm(),
                journal,
                at.sequence(),
                at.time().toString(),
                term,
                peer,
                Stage.BEGUN,
                received,
                aside,
                copyBack,
                planned,
                started,
                "");
    }

    Failover promoted(Sequence durable) {
        return with(Stage.PROMOTED, durable, aside, copyBack, "");
    }

    Failover plain(Sequence upTo) {
        return with(Stage.PLAIN, received, upTo, copyBack, "");
    }

    Failover refused(String why) {
        return with(Stage.REFUSED, received, aside, copyBack, why);
    }

    Failover copying(CopyBack decided) {
        return with(stage, received, aside, decided, problem);
    }

    private Failover with(Stage next, Sequence durable, Sequence upTo, CopyBack back, String why) {
        return new Failover(
                vm, from, journal, point, pointTime, term, peer, next, durable, upTo, back, planned, started, why);
    }
}
