package io.tidemark.appliance;

import com.fasterxml.jackson.annotation.JsonProperty;
import io.tidemark.journal.JournalId;
import io.tidemark.ship.ShipSettings;
import io.tidemark.target.TargetSettings;
import io.tidemark.target.TargetUri;
import java.time.Duration;
import java.util.List;
import java.util.OptionalLong;
import java.util.UUID;

/**
 * Another site, or an NBD server that VMs are shipped to, as it is registered here.
 *
 * @param name the site's name, which its certificate must bear; of an NBD server, any
 * @param addresses {@code host:port} each; empty when that site only ships to this one; of an NBD server its one URI
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

    /** What a peer is. */
    public enum Kind {
        SITE("site"),
        NBD("nbd");

        private final String label;

        Kind(String label) {
            this.label = label;
        }

        /** Its name in REST. */
        public String label() {
            return label;
        }
    }

    public Peer {
        addresses = List.copyOf(addresses);
    }

    /** What it is: an address says it. */
    public Kind kind() {
        return addresses.size() == 1 && TargetUri.isMeant(addresses.getFirst()) ? Kind.NBD : Kind.SITE;
    }

    /** Where the exports of an NBD server are. */
    TargetUri targetUri() {
        return TargetUri.parse(addresses.getFirst());
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
                site.longestDelay(),
                site.merging());
    }

    /** How it is shipped to an NBD server: the settings of the site, changed by what the peer says. */
    TargetSettings settings(TargetSettings site, Duration cutInterval) {
        return site.of(
                connections,
                rateBytesPerSecond > 0 ? OptionalLong.of(rateBytesPerSecond) : site.rateBytesPerSecond(),
                cutInterval);
    }

    /** The same peer with the journal it has already. */
    Peer keeping(UUID known) {
        return new Peer(name, addresses, connections, compress, rateBytesPerSecond, known);
    }

    JournalId journalId() {
        return new JournalId(journal);
    }
}
