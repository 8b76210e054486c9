package io.tidemark.failover;

import com.fasterxml.jackson.annotation.JsonProperty;
import io.tidemark.journal.JournalId;
import io.tidemark.journal.Sequence;
import io.tidemark.journal.StreamId;
import io.tidemark.term.Common;
import io.tidemark.vm.Disk;
import io.tidemark.vm.Vm;
import java.util.UUID;

/**
 * What the disks of a VM begin with at the site that was its source, as it is kept from step to step. After a crash it goes on from the last step that it
 * says.
 *
 * <pre>
 *   Making --all copied--> Filled --the VM is fenced--> Based --the source has all of that--> Agreed
 *     |                      |                            |                                    |
 *     +--cannot be read--> Nothing        any of them --the source copies everything--> Whole <+
 * </pre>
 *
 * @param vm as the new source ships it
 * @param own the VM as this site has it in a journal of its own: what its disks begin with
 * @param peer the new source
 * @param replica the journal that it ships
 * @param journal of Based and Agreed: under which the journal of this site is shipped
 * @param last of Based and Agreed: the record up to which everything of the VM is; of Whole: points up to here do not count
 * @param checksum of Based and Agreed: of that record
 */
record Footing(
        @JsonProperty("vm") Vm vm,
        @JsonProperty("own") Vm own,
        @JsonProperty("peer") String peer,
        @JsonProperty("replica") UUID replica,
        @JsonProperty("stage") Stage stage,
        @JsonProperty("journal") UUID journal,
        @JsonProperty("last") Sequence last,
        @JsonProperty("checksum") int checksum) {

    /** How far it is. */
    enum Stage {
        /** The disks of this site are being copied. */
        MAKING,
        /** They are copied, and may have changed meanwhile. */
        FILLED,
        /** All that they may have changed is known, by its last record. */
        BASED,
        /** The new source has that, and copies only what differs. */
        AGREED,
        /** The new source copies everything. */
        WHOLE,
        /** There is nothing to begin with. */
        NOTHING
    }

    private static final UUID NO_JOURNAL = new UUID(0, 0);

    static Footing making(Vm vm, Vm own, String peer, JournalId replica) {
        return new Footing(vm, own, peer, replica.id(), Stage.MAKING, NO_JOURNAL, Sequence.NONE, 0);
    }

    JournalId received() {
        return new JournalId(replica);
    }

    boolean isOf(JournalId journalId) {
        return received().equals(journalId);
    }

    boolean isBeingMade() {
        return stage == Stage.MAKING || stage == Stage.FILLED;
    }

    StreamId firstDisk() {
        return vm.disks().getFirst().id();
    }

    /** The disk of this site that one begins with. */
    StreamId under(Disk disk) {
        return own.disk(disk.name()).orElseThrow().id();
    }

    /** What is told, and has to be agreed on. */
    Common common() {
        return new Common(firstDisk(), new JournalId(journal), last, checksum);
    }

    Footing filled() {
        return with(Stage.FILLED, NO_JOURNAL, Sequence.NONE, 0);
    }

    Footing based(Common end) {
        return with(Stage.BASED, end.journal().id(), end.last(), end.checksum());
    }

    Footing agreed() {
        return with(Stage.AGREED, journal, last, checksum);
    }

    Footing whole(Sequence behind) {
        return with(Stage.WHOLE, NO_JOURNAL, behind, 0);
    }

    Footing nothing() {
        return with(Stage.NOTHING, NO_JOURNAL, Sequence.NONE, 0);
    }

    private Footing with(Stage next, UUID shipped, Sequence upTo, int crc) {
        return new Footing(vm, own, peer, replica, next, shipped, upTo, crc);
    }
}
