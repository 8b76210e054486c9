package io.tidemark.link;

import io.tidemark.journal.Owner;

/** Opens sessions to other sites. Any thread. */
public interface Dialer {

    /**
     * Begins one attempt at one session, which belongs to {@code owner}. Returns at once; whatever becomes of it is told
     * to the listener.
     */
    Uplink dial(Destination destination, Owner owner, UplinkListener listener);
}
