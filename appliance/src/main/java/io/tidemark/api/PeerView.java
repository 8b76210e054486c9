package io.tidemark.api;

import io.tidemark.appliance.Peer;
import io.tidemark.appliance.Source;
import io.tidemark.appliance.SourceStatus;
import io.tidemark.journal.Usage;
import io.tidemark.ship.ShipStatus;
import java.util.List;
import java.util.Optional;
import java.util.UUID;

/**
 * A peer as operators see it.
 *
 * @param link how shipping to it stands; empty when nothing is shipped there
 */
public record PeerView(
        String name,
        List<String> addresses,
        int connections,
        boolean compress,
        long rateBytesPerSecond,
        UUID journal,
        Optional<LinkView> link) {

    /**
     * How shipping stands. Sequences are watermarks of the journal.
     *
     * @param lineage the journal as the peer knows it
     * @param problem empty while all is well
     */
    public record LinkView(
            String state,
            String problem,
            UUID lineage,
            long trimmed,
            long appended,
            long durable,
            long applied,
            long shipped,
            long received,
            long replicated,
            long floor,
            double roundTripSeconds,
            long bytesPerSecond,
            double compressionRatio,
            UsageView usage,
            double acknowledgementDelaySeconds) {}

    /** How full the journal is, in bytes. */
    public record UsageView(long used, long quota, long free, long reserve, int segments) {

        static UsageView of(Usage usage) {
            return new UsageView(
                    usage.usedBytes(), usage.quotaBytes(), usage.freeBytes(), usage.reserveBytes(), usage.segments());
        }
    }

    static PeerView of(Peer peer, Optional<Source> source) {
        return new PeerView(
                peer.name(),
                peer.addresses(),
                peer.connections(),
                peer.compress(),
                peer.rateBytesPerSecond(),
                peer.journal(),
                source.map(Source::status).map(PeerView::link));
    }

    private static LinkView link(SourceStatus status) {
        ShipStatus ship = status.ship();
        SourceStatus.Marks marks = status.marks();
        return new LinkView(
                ship.phase().label(),
                ship.problem(),
                status.lineage().id().id(),
                marks.trimmed().number(),
                marks.appended().number(),
                marks.durable().number(),
                marks.applied().number(),
                ship.shipped().number(),
                ship.received().number(),
                ship.durable().number(),
                ship.floor().number(),
                ship.roundTrip().toNanos() / 1e9,
                ship.bytesPerSecond(),
                ship.compressionRatio(),
                UsageView.of(status.usage()),
                status.acknowledgementDelay().toNanos() / 1e9);
    }
}
