package io.tidemark.cli;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import java.util.Optional;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;

/** This site becomes the source. */
@Command(
        name = "failover",
        description = "Make this site the source of a VM or a group that it keeps.",
        synopsisSubcommandLabel = "COMMAND")
final class FailoverCommands {

    @Command(name = "list", description = "The newest failover of each VM that has become one of this site's.")
    void list(
            @Mixin Session session,
            @Option(
                            names = "--group",
                            paramLabel = "GROUP",
                            defaultValue = "",
                            description = "Only those of its VMs, in start order.")
                    String group) {
        session.print(
                session.rest().get("/failovers" + (group.isEmpty() ? "" : "?group=" + Rest.encoded(group))),
                FailoverCommands::table);
    }

    @Command(name = "show", description = "The newest failover of one VM, and where its disks are.")
    void show(
            @Mixin Session session,
            @Parameters(paramLabel = "VM", description = "Its name or id.") String vm,
            @Option(
                            names = {"-f", "--follow"},
                            description = "Go on until its disks stand by themselves.")
                    boolean follow) {
        Rest rest = session.rest();
        session.print(rest.get(Rest.path("failovers", vm)), FailoverCommands::details);
        if (follow) {
            Copies.followFailover(session, rest, vm);
        }
    }

    @Command(
            name = "start",
            description =
                    "Make this site the source. Without --planned: see first that the guest has stopped at the other.")
    void start(
            @Mixin Session session,
            @Mixin Subject subject,
            @Option(
                            names = "--planned",
                            description = "The source stops first; nothing happens unless all that it has is here.")
                    boolean planned,
            @Option(
                            names = "--point",
                            paramLabel = "POINT",
                            defaultValue = "latest",
                            description = "latest, a sequence, a time, or pin: and a name: ${DEFAULT-VALUE}")
                    String point,
            @Mixin Consent consent,
            @Option(names = "--wait", description = "Wait until the disks stand by themselves.") boolean await) {
        consent.require("This site becomes the source of " + subject.words() + " at point " + point
                + (planned ? ": the source stops first" : ": is its guest stopped at the other site?"));
        Rest rest = session.rest();
        ObjectNode body = subject.json().put("planned", planned).put("point", point);
        Rest.Answer answer = rest.ask("POST", "/failovers", Optional.of(body));
        session.print(answer, done -> done.has("failovers") ? table(done.path("failovers")) : details(done));
        if (await) {
            JsonNode done = answer.json();
            if (done.has("failovers")) {
                done.path("failovers")
                        .forEach(each -> Copies.followFailover(
                                session, rest, each.path("vm").asText()));
            } else {
                Copies.followFailover(session, rest, done.path("vm").asText());
            }
        }
    }

    private static Table table(JsonNode failovers) {
        return Table.with(
                        "VM",
                        "STAGE",
                        "PLANNED",
                        "POINT",
                        "TIME",
                        "FROM",
                        "SET ASIDE",
                        "TO COPY",
                        "COPY BACK",
                        "PROBLEM")
                .rows(failovers, each -> new String[] {
                    Text.of(each.path("name")),
                    Text.of(each.path("stage")),
                    each.path("planned").asBoolean() ? "yes" : "no",
                    Text.of(each.path("point").path("sequence")),
                    Text.of(each.path("point").path("time")),
                    Text.of(each.path("peer")),
                    Text.of(each.path("setAside")),
                    Text.bytes(each.path("copyLeftBytes")),
                    Text.of(each.path("copyBack").path("kind")),
                    Text.of(each.path("problem"))
                });
    }

    private static Object details(JsonNode failover) {
        Table facts = Table.ofFacts()
                .row("VM", Text.of(failover.path("name")))
                .row("stage", Text.of(failover.path("stage")))
                .row("term", Text.of(failover.path("term")))
                .row(
                        "point",
                        Text.of(failover.path("point").path("sequence")) + ", "
                                + Text.of(failover.path("point").path("time")))
                .row("from", Text.of(failover.path("peer")))
                .row("set aside", Text.of(failover.path("setAside")) + " records")
                .row("to copy", Text.bytes(failover.path("copyLeftBytes")))
                .row("copy back", Text.of(failover.path("copyBack").path("kind")));
        if (failover.has("problem")) {
            facts.row("PROBLEM", Text.of(failover.path("problem")));
        }
        return facts + "\n\n" + DiskCommands.table(failover.path("disks"));
    }
}
