package io.tidemark.cli;

import com.fasterxml.jackson.databind.JsonNode;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;

/** How the site stands, on one screen. */
@Command(
        name = "status",
        aliases = "site",
        description = "Show the site, its peers, its VMs, and what a person should know.")
final class StatusCommand implements Runnable {

    @Mixin
    @SuppressWarnings("NullAway.Init") // picocli sets it
    private Session session;

    @Override
    public void run() {
        Rest rest = session.rest();
        Rest.Answer site = rest.get("/site");
        session.print(site, StatusCommand::facts);
        if (session.asJson()) {
            return;
        }
        JsonNode peers = rest.get("/peers").json();
        JsonNode vms = rest.get("/vms").json();
        session.out().println("\n" + PeerCommands.table(peers));
        session.out().println("\n" + VmCommands.table(vms));
        if (!site.json().path("replicas").isEmpty()) {
            session.out().println("\n" + replicas(site.json().path("replicas")));
        }
    }

    private static Table facts(JsonNode site) {
        Table facts = Table.ofFacts()
                .row("site", Text.of(site.path("name")))
                .row("id", Text.of(site.path("id")))
                .row("NBD", Text.of(site.path("nbd")));
        site.path("problems").forEach(problem -> facts.row("PROBLEM", problem.asText()));
        return facts;
    }

    private static Table replicas(JsonNode replicas) {
        return Table.with("KEPT FOR", "LINEAGE", "CONNECTED", "RECEIVED", "FLOOR", "USED", "QUOTA")
                .rows(replicas, replica -> new String[] {
                    Text.of(replica.path("site")),
                    Text.of(replica.path("number")),
                    replica.path("connected").asBoolean() ? "yes" : "no",
                    Text.of(replica.path("received")),
                    Text.of(replica.path("floor")),
                    Text.bytes(replica.path("usage").path("used")),
                    Text.bytes(replica.path("usage").path("quota"))
                });
    }
}
