package io.tidemark.link;

/** Knows which sites are registered as peers, and who receives which journal. */
public interface ReceiverDirectory {

    /**
     * Looks up who receives a journal, and checks that it is this sender's to ship. Called on a thread of the link, once a
     * session: it must not block.
     */
    Admission admit(Introduction introduction);
}
