package io.tidemark.nbd.transmission;

/** What connections are told through their pipelines, from any thread. */
public enum ConnectionEvent {
    /** Payload memory that the connection waits for may have come back. */
    MEMORY_RETURNED,
    /** The server stops: what is under way is finished, nothing new is begun. */
    SERVER_STOPS
}
