package io.tidemark.nbd.transmission;

/**
 * What a connection is busy with: decoding requests, or the payload of the one it has decoded last.
 *
 * <p>There is one at a time, so requests reach the session in the order received.
 */
interface Phase {
    /** Does the next step; called again as long as it went on. */
    Progress advance();

    /** The connection is gone: gives back what it holds. */
    void abandon();
}
