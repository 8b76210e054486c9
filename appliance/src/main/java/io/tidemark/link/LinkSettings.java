package io.tidemark.link;

import java.time.Duration;

/**
 * The limits of the link.
 *
 * @param connectionsMax connections a listener has at a time; one more is closed at once
 * @param handshakesPerSecondMax connections that a listener takes in a second; one more is closed at once, and its peer dials again
 * @param connectionBytesMax bytes one connection encrypts before its session is renewed: the keys of TLS 1.3 with
 *     AES-GCM are good for 2^24.5 records of 16 KiB (RFC 8446, section 5.5), and nothing here changes keys midway
 */
public record LinkSettings(
        Timeouts timeouts, Buffers buffers, int connectionsMax, int handshakesPerSecondMax, long connectionBytesMax) {

    public static final LinkSettings DEFAULTS =
            new LinkSettings(Timeouts.DEFAULTS, Buffers.DEFAULTS, 1024, 200, 256L << 30);

    /**
     * When patience ends (docs/protocol.md, sections 1, 3 and 4).
     *
     * @param connect of one TCP connection
     * @param handshake from the TCP connection to the end of the handshake, TLS included
     * @param pingAfter nothing came for so long: ask
     * @param endAfter nothing came and nothing went for so long: end
     * @param lookEvery how often silence and the round trip are looked at
     * @param linger how long the last message of a connection may take to arrive
     */
    public record Timeouts(
            Duration connect,
            Duration handshake,
            Duration pingAfter,
            Duration endAfter,
            Duration lookEvery,
            Duration linger) {

        public static final Timeouts DEFAULTS = new Timeouts(
                Duration.ofSeconds(5),
                Duration.ofSeconds(10),
                Duration.ofSeconds(5),
                Duration.ofSeconds(15),
                Duration.ofSeconds(1),
                Duration.ofSeconds(2));
    }

    /**
     * Memory of one connection.
     *
     * @param socketSendBytes the kernel's send buffer; 0 leaves it to the kernel's tuning
     * @param socketReceiveBytes the kernel's receive buffer; 0 leaves it to the kernel's tuning
     * @param socketUnsentBytes what the kernel takes ahead of what the path carries, where it can be told (epoll)
     * @param queueLowBytes below this a connection asks for more
     * @param queueHighBytes from here on it takes no more
     */
    public record Buffers(
            int socketSendBytes, int socketReceiveBytes, int socketUnsentBytes, int queueLowBytes, int queueHighBytes) {

        public static final Buffers DEFAULTS = new Buffers(0, 0, 256 << 10, 512 << 10, 2 << 20);
    }
}
