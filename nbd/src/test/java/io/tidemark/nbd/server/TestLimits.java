package io.tidemark.nbd.server;

import io.tidemark.nbd.Limits;
import java.time.Duration;

/** The standard limits, but for those a test is about. */
final class TestLimits {
    private int connectionsMax = Limits.STANDARD.connectionsMax();
    private int handshakesMax = Limits.STANDARD.handshakesMax();
    private int handshakesPerSecondMax = Limits.STANDARD.handshakesPerSecondMax();
    private Duration handshakeDeadline = Limits.STANDARD.handshakeDeadline();
    private Duration goodbyeDeadline = Limits.STANDARD.goodbyeDeadline();
    private int payloadBytesInFlightMax = Limits.STANDARD.payloadBytesInFlightMax();
    private int pieceBytesMax = Limits.STANDARD.pieceBytesMax();

    static TestLimits standard() {
        return new TestLimits();
    }

    TestLimits connectionsMax(int connections) {
        connectionsMax = connections;
        return this;
    }

    TestLimits handshakesMax(int handshakes) {
        handshakesMax = handshakes;
        return this;
    }

    TestLimits handshakesPerSecondMax(int handshakes) {
        handshakesPerSecondMax = handshakes;
        return this;
    }

    TestLimits handshakeDeadline(Duration deadline) {
        handshakeDeadline = deadline;
        return this;
    }

    TestLimits goodbyeDeadline(Duration deadline) {
        goodbyeDeadline = deadline;
        return this;
    }

    TestLimits payloadBytesInFlightMax(int bytes) {
        payloadBytesInFlightMax = bytes;
        return this;
    }

    TestLimits pieceBytesMax(int bytes) {
        pieceBytesMax = bytes;
        return this;
    }

    Limits limits() {
        Limits standard = Limits.STANDARD;
        return new Limits(
                connectionsMax,
                standard.backlogConnectionsMax(),
                handshakesMax,
                handshakesPerSecondMax,
                handshakeDeadline,
                goodbyeDeadline,
                standard.deadPeerDeadline(),
                standard.optionBytesMax(),
                standard.nameBytesMax(),
                standard.requestsInFlightMax(),
                payloadBytesInFlightMax,
                pieceBytesMax,
                standard.receiveBytesMax(),
                standard.floorBytes(),
                standard.drainBytesMax(),
                standard.statusRunsMax());
    }
}
