package io.tidemark.nbd.transmission;

import io.tidemark.nbd.Session;
import io.tidemark.nbd.memory.Share;

/**
 * What a connection brings from the handshake; session, share and turn are its own, and are closed when it is gone.
 * Complaints are made about all clients together.
 */
public record Admission(Agreement agreement, Session session, Share share, Turns.Turn turn, Complaints complaints) {}
