package io.tidemark.appliance;

import io.tidemark.intake.JournalIntake;
import io.tidemark.journal.JournalId;
import io.tidemark.journal.Sequence;

/** A journal that this site ships, as far as the roles of its VMs need it. Any thread. */
public interface ShippedJournal {

    /** Where it is shipped to. */
    String site();

    JournalIntake intake();

    /** Under which it is shipped now. */
    JournalId shippedAs();

    /** The site has everything up to here, durably. */
    Sequence acknowledged();

    /** Of a record that is durable, as in its header. */
    int checksum(Sequence record);
}
