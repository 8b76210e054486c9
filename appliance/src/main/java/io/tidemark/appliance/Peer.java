package io.tidemark.appliance;

import com.fasterxml.jackson.annotation.JsonProperty;
import io.tidemark.journal.JournalId;
import io.tidemark.ship.ShipSettings;
import java.util.List;
import java.util.OptionalLong;
import java.util.UUID;

/**
 * Another site, as it is registered here.
 *
 * @param name the site's name, which its certificate must bear
 * @param addresses {@code host:port} each; empty when that site only ships to this one
 * @param connections TCP connections to it, 1 to 64
 * @param compress whether ranges are compressed where that makes the link faster
 * @param rateBytesPerSecond what may go on the wire; 0 for no limit
 * @param journal the journal of the VMs that go to this peer
 */
public record Peer(
        @JsonProperty("name") String name,
        @JsonProperty("addresses") List<String> addresses,
        @JsonProperty("connections") int connections,
        @JsonProperty("compress") boolean compress,
        @JsonProperty("rateBytesPerSecond") long rateBytesPerSecond,
        @JsonProperty("journal") UUID journal) {

    public Peer {
        addresses = List.copyOf(addresses);
    }

    /** Whether VMs can be shipped there. */
    public boolean takesOurs() {
        return !addresses.isEmpty();
    }

    /** How it is shipped there: the settings of the site, changed by what the peer says. */
    ShipSettings settings(ShipSettings site) {
        return new ShipSettings(
                site.rangeBytes(),
                compress ? site.compression() : ShipSettings.Compression.OFF,
                rateBytesPerSecond > 0 ? OptionalLong.of(rateBytesPerSecond) : site.rateBytesPerSecond(),
                site.rateBurst(),
                site.firstDelay(),
                site.longestDelay());
    }

    /** The same peer with the journal it has already. */
    Peer keeping(UUID known) {
        return new Peer(name, addresses, connections, compress, rateBytesPerSecond, known);
    }

    JournalId journalId() {
        return new JournalId(journal);
    }
}
