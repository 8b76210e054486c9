package io.tidemark.ship;

import io.tidemark.journal.Sequence;
import io.tidemark.link.ErrorCode;
import io.tidemark.link.Uplink;
import java.time.Duration;
import java.util.Optional;

/**
 * How shipping stands.
 *
 * @param problem why the last session ended or was refused; empty while all is well
 * @param refusal why no session can go on with what the replica has, until a new lineage is begun
 * @param received the receiver has appended everything up to here
 * @param durable and keeps it
 * @param floor the oldest sequence that can still be recovered there
 * @param compressionRatio wire bytes for each byte of records, lately
 * @param shippedBytes of records, in all sessions since shipping to where the peer is began
 * @param mergedRanges how many ranges were merged, likewise
 * @param mergedAwayBytes of records, what was not shipped because of that
 * @param behind for how long not all that is durable was on its way, when this was said
 * @param windowBytes what may be on its way, as the receiver has said last
 */
public record ShipStatus(
        Phase phase,
        String problem,
        Optional<ErrorCode> refusal,
        Sequence shipped,
        Sequence received,
        Sequence durable,
        Sequence floor,
        Duration behind,
        Duration roundTrip,
        long bytesPerSecond,
        double compressionRatio,
        long windowBytes,
        long shippedBytes,
        long mergedRanges,
        long mergedAwayBytes,
        Uplink.Counters session) {

    /** Where the shipper is. */
    public enum Phase {
        DIALLING("dialling"),
        SHIPPING("shipping"),
        WAITING("waiting"),
        /** The journal cannot be read: somebody has to look at it. */
        STOPPED("stopped"),
        CLOSED("closed");

        private final String label;

        Phase(String label) {
            this.label = label;
        }

        /** Its name in REST and meters. */
        public String label() {
            return label;
        }
    }
}
