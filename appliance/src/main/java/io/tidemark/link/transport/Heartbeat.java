package io.tidemark.link.transport;

import io.tidemark.link.LinkSettings.Timeouts;
import io.tidemark.link.protocol.ProtocolViolation;

/**
 * Decides when a connection is asked for a sign of life, and when it is given up (docs/protocol.md, section 4, "PING").
 * Pure: time comes in.
 */
final class Heartbeat {

    /** What to do now. */
    enum Beat {
        REST,
        PING,
        GIVE_UP
    }

    private final long pingAfterNanos;
    private final long endAfterNanos;
    private final boolean measures;
    private long heardNanos;
    private long movedNanos;
    private long askedNanos;
    private boolean asked;

    /** @param measures asks at each look, to know the round trip */
    Heartbeat(Timeouts timeouts, boolean measures, long nowNanos) {
        this.pingAfterNanos = timeouts.pingAfter().toNanos();
        this.endAfterNanos = timeouts.endAfter().toNanos();
        this.measures = measures;
        this.heardNanos = nowNanos;
        this.movedNanos = nowNanos;
    }

    /** Something came from the peer. */
    void onHeard(long nowNanos) {
        heardNanos = nowNanos;
        movedNanos = nowNanos;
    }

    /** TCP took something of what waits to be sent: the path is slow perhaps, but not dead. */
    void onDrained(long nowNanos) {
        movedNanos = nowNanos;
    }

    Beat look(long nowNanos) {
        if (nowNanos - movedNanos >= endAfterNanos) {
            return Beat.GIVE_UP;
        }
        if (asked || (!measures && nowNanos - heardNanos < pingAfterNanos)) {
            return Beat.REST;
        }
        asked = true;
        askedNanos = nowNanos;
        return Beat.PING;
    }

    /** What the PING that was asked for holds. */
    long token() {
        return askedNanos;
    }

    /** The round trip, from an answer to the open question. */
    long onPong(long token, long nowNanos) {
        if (!asked || token != askedNanos) {
            throw new ProtocolViolation("PONG without its PING");
        }
        asked = false;
        return nowNanos - askedNanos;
    }
}
