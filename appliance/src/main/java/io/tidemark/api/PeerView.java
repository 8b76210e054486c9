package io.tidemark.api;

import io.tidemark.appliance.Peer;
import io.tidemark.appliance.Source;
import io.tidemark.appliance.SourceStatus;
import io.tidemark.journal.Usage;
import io.tidemark.metrics.Forecasts;
import io.tidemark.ship.ShipStatus;
import io.tidemark.target.TargetStatus;
import io.tidemark.vm.Standing;
import java.time.Instant;
import java.util.List;
import java.util.Optional;
import java.util.UUID;

/**
 * A peer as operators see it.
 *
 * @param link how shipping to it stands; empty when nothing is shipped there
 * @param forecast what is to be expected of its journal; empty when nothing is shipped there
 * @param target what an NBD server holds; empty where the peer is a site
 */
public record PeerView(
        String name,
        String kind,
        List<String> addresses,
        int connections,
        boolean compress,
        long rateBytesPerSecond,
        UUID journal,
        Optional<LinkView> link,
        Optional<ForecastView> forecast,
        Optional<TargetView> target) {

    /**
     * How shipping stands. Sequences are watermarks of the journal.
     *
     * @param lineage the journal as the peer knows it
     * @param problem empty while all is well
     * @param mergedAwayBytes of records: not shipped, since later ones in the same range overwrite them
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
            long mergedAwayBytes,
            UsageView usage,
            double acknowledgementDelaySeconds) {}

    /**
     * What an NBD server holds.
     *
     * @param sequence it has everything up to here durably
     * @param time of that record
     * @param writing whether it may hold a part of what follows, and so no point
     * @param behindSeconds how long it has not caught up
     */
    public record TargetView(
            long sequence,
            Instant time,
            boolean writing,
            double behindSeconds,
            int connections,
            List<VmAtTargetView> vms) {

        static TargetView of(TargetStatus status) {
            return new TargetView(
                    status.at().number(),
                    status.time(),
                    status.writing(),
                    status.behind().toNanos() / 1e9,
                    status.connections(),
                    status.vms().stream().map(VmAtTargetView::of).toList());
        }
    }

    /** Whether a VM could be started from what an NBD server holds now; if not, why. */
    public record VmAtTargetView(String vm, boolean consistent, String inconsistency) {

        static VmAtTargetView of(TargetStatus.VmAtTarget held) {
            return switch (held.standing()) {
                case Standing.Consistent consistent ->
                    new VmAtTargetView(held.vm().text(), true, "");
                case Standing.Inconsistent not -> new VmAtTargetView(held.vm().text(), false, not.reason());
            };
        }
    }

    /** How full the journal is, in bytes. */
    public record UsageView(long used, long quota, long free, long reserve, int segments) {

        static UsageView of(Usage usage) {
            return new UsageView(
                    usage.usedBytes(), usage.quotaBytes(), usage.freeBytes(), usage.reserveBytes(), usage.segments());
        }
    }

    static PeerView of(Peer peer, Optional<Source> source, Forecasts forecasts) {
        Optional<SourceStatus> status = source.map(Source::status);
        return new PeerView(
                peer.name(),
                peer.kind().label(),
                peer.addresses(),
                peer.connections(),
                peer.compress(),
                peer.rateBytesPerSecond(),
                peer.journal(),
                status.map(PeerView::link),
                source.flatMap(found -> ForecastView.of(forecasts, found)),
                status.flatMap(SourceStatus::target).map(TargetView::of));
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
                ship.mergedAwayBytes(),
                UsageView.of(status.usage()),
                status.acknowledgementDelay().toNanos() / 1e9);
    }
}
