package io.tidemark.appliance;

import io.tidemark.journal.Sequence;
import io.tidemark.journal.Usage;
import io.tidemark.link.Lineage;
import io.tidemark.ship.ShipStatus;
import java.time.Duration;
import java.util.List;

/**
 * How a journal that is shipped stands.
 *
 * @param lineage that is shipped
 * @param problems what a person should know, empty while all is well
 */
public record SourceStatus(
        Peer peer,
        Lineage lineage,
        Marks marks,
        Usage usage,
        Duration acknowledgementDelay,
        ShipStatus ship,
        List<String> problems) {

    /** The watermarks at this site. */
    public record Marks(Sequence trimmed, Sequence appended, Sequence durable, Sequence applied) {}
}
