package io.tidemark.appliance;

import io.tidemark.journal.Sequence;
import io.tidemark.journal.Usage;
import io.tidemark.link.Lineage;
import io.tidemark.ship.ShipStatus;
import io.tidemark.target.TargetStatus;
import java.time.Duration;
import java.util.List;
import java.util.Optional;

/**
 * How a journal that is shipped stands.
 *
 * @param lineage that is shipped
 * @param target what an NBD server holds; empty where the peer is a site, which tells its points itself
 * @param problems what a person should know, empty while all is well
 */
public record SourceStatus(
        Peer peer,
        Lineage lineage,
        Marks marks,
        Usage usage,
        Duration acknowledgementDelay,
        ShipStatus ship,
        Optional<TargetStatus> target,
        List<String> problems) {

    /** The watermarks at this site. */
    public record Marks(Sequence trimmed, Sequence appended, Sequence durable, Sequence applied) {}
}
