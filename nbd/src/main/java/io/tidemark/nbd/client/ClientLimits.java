package io.tidemark.nbd.client;

import java.time.Duration;

/**
 * How much a connection to a server may take of time and memory.
 *
 * @param handshakeDeadline from the attempt to connect to the transmission phase, TLS included
 * @param silenceDeadline from the last byte of the server to the end of the connection while requests are in flight
 * @param requestsInFlightMax requests that have no answer yet
 */
public record ClientLimits(Duration handshakeDeadline, Duration silenceDeadline, int requestsInFlightMax) {
    /** What suits a server at the end of a WAN. */
    public static final ClientLimits STANDARD = new ClientLimits(Duration.ofSeconds(15), Duration.ofSeconds(30), 1024);
}
