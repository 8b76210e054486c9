package io.tidemark.ship;

import java.time.Duration;
import java.util.OptionalLong;

/**
 * The limits of shipping.
 *
 * @param rangeBytes what is packed into one range, unless one record alone is larger
 * @param rateBytesPerSecond what may go on the wire; empty for no limit
 * @param rateBurst for how long the rate may be saved up
 * @param firstDelay before dialling again after a break, at first
 * @param longestDelay and at last
 */
public record ShipSettings(
        int rangeBytes,
        Compression compression,
        OptionalLong rateBytesPerSecond,
        Duration rateBurst,
        Duration firstDelay,
        Duration longestDelay) {

    /** Whether ranges are compressed. */
    public enum Compression {
        /** Where it makes the link faster. */
        AUTO,
        OFF
    }

    public static ShipSettings defaults() {
        return new ShipSettings(
                512 << 10,
                Compression.AUTO,
                OptionalLong.empty(),
                Duration.ofMillis(100),
                Duration.ofMillis(200),
                Duration.ofSeconds(10));
    }
}
