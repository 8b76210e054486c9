package io.tidemark.nbd;

/** How a connection came to its end. */
public enum Ending {
    /** The client said so ({@code NBD_CMD_DISC}), and everything it had asked for was done. */
    DISCONNECTED,
    /** The connection broke, or the client went without a word. Requests may have been under way. */
    LOST,
    /** The server ended it: it stops, or it could not go on. */
    CLOSED_BY_SERVER,
    /** The client broke the protocol. */
    VIOLATION
}
