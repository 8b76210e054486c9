package io.tidemark.nbd;

import java.time.Duration;

/**
 * How much a listener lets its clients take: of memory, of time, of places.
 *
 * @param connectionsMax connections at once; more are closed as soon as they are accepted
 * @param backlogConnectionsMax connections that wait to be accepted, as far as the kernel allows
 * @param handshakesMax connections at once whose handshake is not over, three quarters of them from one address; then no more are accepted for a while
 * @param handshakesPerSecondMax handshakes that begin in a second, about; then no more are accepted for a while
 * @param handshakeDeadline from the accept to the transmission phase, TLS included
 * @param goodbyeDeadline from the end of a client's last request to the end of its connection, when it has said
 *     goodbye and does not read what it is still owed
 * @param deadPeerDeadline from the last sign of life of a client's machine to the end of its connection
 * @param optionBytesMax data of one option in the handshake; longer ones are skipped and refused
 * @param nameBytesMax name of an export in the handshake; the protocol allows 4096
 * @param requestsInFlightMax requests of one connection that have no answer yet; then it is not read
 * @param payloadBytesInFlightMax memory for payloads, either way, that one connection may hold of the process's budget,
 *     besides its floors
 * @param pieceBytesMax payload handed to or fetched from an export in one call
 * @param receiveBytesMax receive buffer that requests are decoded from; what is left of it when some small write in it
 *     is not yet released counts as payload
 * @param floorBytes memory each connection keeps in each direction, whatever the others take, so that it always gets
 *     on; at least half the receive buffer
 * @param drainBytesMax payload of a refused request that is read and dropped to keep the connection; longer ones end it
 * @param statusRunsMax runs in one answer about block status
 */
public record Limits(
        int connectionsMax,
        int backlogConnectionsMax,
        int handshakesMax,
        int handshakesPerSecondMax,
        Duration handshakeDeadline,
        Duration goodbyeDeadline,
        Duration deadPeerDeadline,
        int optionBytesMax,
        int nameBytesMax,
        int requestsInFlightMax,
        int payloadBytesInFlightMax,
        int pieceBytesMax,
        int receiveBytesMax,
        int floorBytes,
        long drainBytesMax,
        int statusRunsMax) {
    private static final int KIB = 1 << 10;
    private static final int MIB = 1 << 20;

    /** What suits an appliance with some hundred disks and 64 MiB for payloads. */
    public static final Limits STANDARD = new Limits(
            512,
            1024,
            512,
            500,
            Duration.ofSeconds(10),
            Duration.ofSeconds(10),
            Duration.ofSeconds(60),
            64 * KIB,
            ExportName.BYTES_MAX,
            256,
            16 * MIB,
            MIB,
            64 * KIB,
            32 * KIB,
            256L * MIB,
            1024);

    public Limits {
        if (nameBytesMax > ExportName.BYTES_MAX) {
            throw new IllegalArgumentException("names of " + nameBytesMax + " > " + ExportName.BYTES_MAX + " bytes");
        }
        if (floorBytes < receiveBytesMax / 2 || receiveBytesMax > pieceBytesMax) {
            throw new IllegalArgumentException(
                    "floor " + floorBytes + ", receive buffer " + receiveBytesMax + ", piece " + pieceBytesMax);
        }
    }
}
