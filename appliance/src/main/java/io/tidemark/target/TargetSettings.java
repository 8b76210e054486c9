package io.tidemark.target;

import java.time.Duration;
import java.util.OptionalLong;

/**
 * The limits of shipping to an NBD server.
 *
 * @param connections to each disk's export, where it allows several
 * @param requestBytesMax of one write; neighbours are joined up to it
 * @param zeroBytesMax of one request to write zeroes
 * @param inFlightBytesMax of writes that have no answer yet, of all disks
 * @param roundBytesMax of the journal, in one round; as much again is read ahead meanwhile
 * @param roundRecordsMax of the journal, in one round
 * @param epochWait for the end of an epoch, before what there is of it is sent without
 * @param behindAfter without having caught up, the target is said to be behind
 * @param rateBytesPerSecond that may be sent; empty for no limit
 * @param rateBurst for how long the rate may be saved up
 * @param firstDelay before dialling again after a break, at first
 * @param longestDelay and at last
 */
public record TargetSettings(
        int connections,
        int requestBytesMax,
        long zeroBytesMax,
        long inFlightBytesMax,
        long roundBytesMax,
        int roundRecordsMax,
        Duration epochWait,
        Duration behindAfter,
        OptionalLong rateBytesPerSecond,
        Duration rateBurst,
        Duration firstDelay,
        Duration longestDelay) {

    public static final int CONNECTIONS_DEFAULT = 8;

    public static TargetSettings defaults() {
        return new TargetSettings(
                CONNECTIONS_DEFAULT,
                1 << 20,
                64 << 20,
                64 << 20,
                256 << 20,
                1 << 16,
                Duration.ofSeconds(2),
                Duration.ofMinutes(1),
                OptionalLong.empty(),
                Duration.ofMillis(100),
                Duration.ofMillis(200),
                Duration.ofSeconds(10));
    }

    /** The same with what people may set of it. */
    public TargetSettings with(long inFlightBytes, long roundBytes, Duration behind) {
        return new TargetSettings(
                connections,
                requestBytesMax,
                zeroBytesMax,
                inFlightBytes,
                roundBytes,
                roundRecordsMax,
                epochWait,
                behind,
                rateBytesPerSecond,
                rateBurst,
                firstDelay,
                longestDelay);
    }

    /** The same for one peer. */
    public TargetSettings of(int connectionsOfPeer, OptionalLong rate, Duration cutInterval) {
        return new TargetSettings(
                connectionsOfPeer,
                requestBytesMax,
                zeroBytesMax,
                inFlightBytesMax,
                roundBytesMax,
                roundRecordsMax,
                cutInterval.multipliedBy(2),
                behindAfter,
                rate,
                rateBurst,
                firstDelay,
                longestDelay);
    }
}
