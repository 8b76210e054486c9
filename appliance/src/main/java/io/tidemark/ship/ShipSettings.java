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
 * @param merging when and how epochs are merged
 */
public record ShipSettings(
        int rangeBytes,
        Compression compression,
        OptionalLong rateBytesPerSecond,
        Duration rateBurst,
        Duration firstDelay,
        Duration longestDelay,
        Merging merging) {

    /** What any journal takes: a quarter of the smallest segments, which have 8 MiB. Nobody knows those of the other site. */
    public static final int RANGE_BYTES_ANY_JOURNAL_TAKES = (2 << 20) - (64 << 10);

    /**
     * Many epochs as one range, when the link takes less than is written.
     *
     * @param after so long without having everything on its way; zero for never
     * @param windowBytes of the journal, what is looked at for one range
     * @param rangeBytesMax what a range may hold then
     */
    public record Merging(Duration after, int windowBytes, int rangeBytesMax) {

        public static Merging after(Duration lag) {
            return new Merging(lag, 32 << 20, RANGE_BYTES_ANY_JOURNAL_TAKES);
        }
    }

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
                Duration.ofSeconds(10),
                Merging.after(Duration.ofSeconds(30)));
    }
}
