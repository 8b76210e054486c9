package io.tidemark.intake;

import io.tidemark.nbd.NbdError;

/** Something that a client or an operator asked for and that needs room in the journal. The owner's. */
interface Operation {

    /** Does it; false when there is no room yet, and nothing has changed that doing it again would not. */
    boolean attempt();

    /** It cannot be done any more. */
    void fail(NbdError error);
}
