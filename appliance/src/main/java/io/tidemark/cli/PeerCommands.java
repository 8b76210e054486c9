package io.tidemark.cli;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.JsonNodeFactory;
import com.fasterxml.jackson.databind.node.ObjectNode;
import java.util.List;
import java.util.Optional;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;

/** The other sites, and NBD servers, that the site knows. */
@Command(
        name = "peer",
        description = "Register other sites, and NBD servers, and look how shipping to them stands.",
        synopsisSubcommandLabel = "COMMAND")
final class PeerCommands {

    @Command(name = "list", description = "All peers.")
    void list(@Mixin Session session) {
        session.print(session.rest().get("/peers"), PeerCommands::table);
    }

    @Command(name = "show", description = "One peer.")
    void show(@Mixin Session session, @Parameters(paramLabel = "PEER") String peer) {
        session.print(session.rest().get(Rest.path("peers", peer)), PeerCommands::details);
    }

    @Command(name = "add", description = "Register a peer, or say anew what it is. What is left out is as by default.")
    void add(
            @Mixin Session session,
            @Parameters(paramLabel = "PEER", description = "The name that its certificate bears.") String peer,
            @Option(
                            names = "--address",
                            paramLabel = "ADDRESS",
                            description =
                                    "host:port of a site, as many as it has, or nbd://host:port/{vm}-{disk}. Without one the peer may ship here, and nothing is shipped there.")
                    @Nullable
                    List<String> addresses,
            @Option(names = "--nbd", description = "It is a plain NBD server.") boolean nbd,
            @Option(names = "--connections", paramLabel = "N") @Nullable Integer connections,
            @Option(names = "--no-compress", description = "Ship to it uncompressed.") boolean plain,
            @Option(
                            names = "--rate",
                            paramLabel = "BYTES",
                            converter = ByteCount.Converter.class,
                            description = "What may be shipped a second, like 10M.")
                    @Nullable
                    ByteCount rate) {
        ObjectNode body = JsonNodeFactory.instance.objectNode();
        if (nbd) {
            body.put("kind", "nbd");
        }
        if (addresses != null) {
            addresses.forEach(address -> body.withArray("addresses").add(address));
        }
        if (connections != null) {
            body.put("connections", connections);
        }
        if (plain) {
            body.put("compress", false);
        }
        if (rate != null) {
            body.put("rateBytesPerSecond", rate.bytes());
        }
        session.print(session.rest().ask("PUT", Rest.path("peers", peer), Optional.of(body)), PeerCommands::details);
    }

    @Command(name = "remove", description = "Forget a peer. What was received from it stays.")
    void remove(@Mixin Session session, @Parameters(paramLabel = "PEER") String peer, @Mixin Consent consent) {
        consent.require("Peer " + peer + " can ship nothing here any more, and nothing is shipped there");
        session.print(
                session.rest().ask("DELETE", Rest.path("peers", peer), Optional.empty()),
                nothing -> "peer " + peer + " is forgotten");
    }

    @Command(name = "new-lineage", description = "Give a peer that cannot go on with what it has a copy of everything.")
    void newLineage(@Mixin Session session, @Parameters(paramLabel = "PEER") String peer, @Mixin Consent consent) {
        consent.require("All disks that are shipped to " + peer + " are copied there once more, beside what it has");
        session.print(
                session.rest().ask("POST", Rest.path("peers", peer, "new-lineage"), Optional.empty()),
                PeerCommands::details);
    }

    static Table table(JsonNode peers) {
        return Table.with(
                        "PEER",
                        "KIND",
                        "LINK",
                        "THROUGHPUT",
                        "ROUND TRIP",
                        "LAG",
                        "JOURNAL",
                        "FULL IN",
                        "CAUGHT UP IN",
                        "PROBLEM")
                .rows(peers, peer -> new String[] {
                    Text.of(peer.path("name")),
                    Text.of(peer.path("kind")),
                    Text.of(peer.path("link").path("state")),
                    perSecond(peer.path("link")),
                    roundTrip(peer.path("link")),
                    lag(peer.path("link")),
                    usage(peer.path("link").path("usage")),
                    Text.seconds(peer.path("forecast").path("secondsUntilFull")),
                    Text.seconds(peer.path("forecast").path("secondsToCatchUp")),
                    Text.of(peer.path("link").path("problem"))
                });
    }

    private static String perSecond(JsonNode link) {
        return link.has("bytesPerSecond") ? Text.bytes(link.path("bytesPerSecond")) + "/s" : Text.NONE;
    }

    private static String roundTrip(JsonNode link) {
        return link.has("roundTripSeconds")
                ? String.format(
                        java.util.Locale.ROOT,
                        "%.1f ms",
                        link.path("roundTripSeconds").asDouble() * 1000)
                : Text.NONE;
    }

    private static String lag(JsonNode link) {
        return link.has("appended")
                ? link.path("appended").asLong() - link.path("replicated").asLong() + " records"
                : Text.NONE;
    }

    private static String usage(JsonNode usage) {
        return usage.has("used")
                ? Text.bytes(usage.path("used")) + " of " + Text.bytes(usage.path("quota"))
                : Text.NONE;
    }

    private static Object details(JsonNode peer) {
        Table facts = Table.ofFacts()
                .row("peer", Text.of(peer.path("name")))
                .row("kind", Text.of(peer.path("kind")))
                .row("journal", Text.of(peer.path("journal")))
                .row("connections", Text.of(peer.path("connections")))
                .row("compressed", peer.path("compress").asBoolean() ? "yes" : "no")
                .row(
                        "rate",
                        peer.path("rateBytesPerSecond").asLong() == 0
                                ? "no limit"
                                : Text.bytes(peer.path("rateBytesPerSecond")) + "/s");
        peer.path("addresses").forEach(address -> facts.row("address", address.asText()));
        if (peer.path("link").isObject()) {
            JsonNode link = peer.path("link");
            facts.row("link", Text.of(link.path("state")))
                    .row("problem", Text.of(link.path("problem")))
                    .row("throughput", perSecond(link))
                    .row("round trip", roundTrip(link))
                    .row("lag", lag(link))
                    .row("used", usage(link.path("usage")))
                    .row("full in", Text.seconds(peer.path("forecast").path("secondsUntilFull")))
                    .row("caught up in", Text.seconds(peer.path("forecast").path("secondsToCatchUp")));
        }
        return facts;
    }
}
