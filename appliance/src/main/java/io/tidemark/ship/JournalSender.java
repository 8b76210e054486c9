package io.tidemark.ship;

import io.tidemark.link.Comparing;

/** Sends a journal to where its peer keeps it, for as long as it lives. What the peer does not have durably stays held in the journal. */
public interface JournalSender extends Comparing {

    /** Begins. Any thread. */
    void start();

    /** There may be more to send. Any thread; cheap when it is called often. */
    void wake();

    /** Ends in good order; what was held stays so until {@link #release} or the end of the journal. On its own thread. */
    void close();

    /** Lets go of what was held, since another sender holds it now. Any thread, after {@link #close}. */
    void release();

    /** How it stands. Any thread. */
    ShipStatus status();
}
