package io.tidemark.cli;

import com.fasterxml.jackson.databind.JsonNode;
import java.util.Optional;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;

/** Disks at a recovery point, writable, without a trace in the replica. */
@Command(
        name = "drill",
        description = "Try out a recovery point: at the site that keeps it.",
        synopsisSubcommandLabel = "COMMAND")
final class DrillCommands {

    /** What came of a drill. */
    enum Result {
        PASSED("passed"),
        FAILED("failed"),
        NOT_TOLD("not-told");

        private final String label;

        Result(String label) {
            this.label = label;
        }

        @Override
        public String toString() {
            return label;
        }
    }

    @Command(name = "list", description = "The drills there are.")
    void list(@Mixin Session session) {
        session.print(
                session.rest().get("/drills"), drills -> Table.with("DRILL", "OF", "POINT", "TIME", "STARTED", "GONE")
                        .rows(drills, drill -> new String[] {
                            Text.of(drill.path("id")),
                            of(drill),
                            Text.of(drill.path("point").path("sequence")),
                            Text.of(drill.path("point").path("time")),
                            Text.of(drill.path("started")),
                            Text.of(drill.path("gone"))
                        }));
    }

    @Command(name = "show", description = "One drill, and where its disks are.")
    void show(@Mixin Session session, @Parameters(paramLabel = "DRILL") String drill) {
        session.print(session.rest().get(Rest.path("drills", drill)), DrillCommands::details);
    }

    @Command(
            name = "start",
            description = "Start a drill. Its disks can be used when this answers; replication goes on.")
    void start(
            @Mixin Session session,
            @Mixin Subject subject,
            @Option(
                            names = "--point",
                            paramLabel = "POINT",
                            defaultValue = "latest",
                            description =
                                    "latest, a sequence, a time (then the newest not after it), or pin: and a name: ${DEFAULT-VALUE}")
                    String point) {
        session.print(
                session.rest().ask("POST", "/drills", Optional.of(subject.json().put("point", point))),
                DrillCommands::details);
    }

    @Command(name = "end", description = "End a drill, and throw away what was written in it.")
    void end(
            @Mixin Session session,
            @Parameters(paramLabel = "DRILL") String drill,
            @Option(
                            names = "--result",
                            paramLabel = "RESULT",
                            defaultValue = "not-told",
                            description = "What came of it, kept with the point: ${COMPLETION-CANDIDATES}")
                    Result result,
            @Option(names = "--note", paramLabel = "TEXT", defaultValue = "", description = "Kept beside the result.")
                    String note,
            @Mixin Consent consent) {
        consent.require("What was written in drill " + drill + " is thrown away");
        session.print(
                session.rest()
                        .ask(
                                "DELETE",
                                Rest.path("drills", drill) + "?result=" + result + "&note=" + Rest.encoded(note),
                                Optional.empty()),
                nothing -> "drill " + drill + " has ended");
    }

    private static String of(JsonNode drill) {
        return drill.has("group") ? "group " + Text.of(drill.path("group")) : Text.of(drill.path("vm"));
    }

    private static Object details(JsonNode drill) {
        Table facts = Table.ofFacts()
                .row("drill", Text.of(drill.path("id")))
                .row("of", of(drill))
                .row(
                        "point",
                        Text.of(drill.path("point").path("sequence")) + ", "
                                + Text.of(drill.path("point").path("time")));
        Table disks = Table.with("VM", "ORDER", "DELAY", "DISK", "SIZE", "URI");
        disks(disks, Text.of(drill.path("vm")), drill);
        drill.path("vms").forEach(vm -> disks(disks, Text.of(vm.path("vm")), vm));
        return facts + "\n\n" + disks;
    }

    private static void disks(Table table, String name, JsonNode vm) {
        table.rows(vm.path("disks"), disk -> new String[] {
            name,
            Text.of(vm.path("startOrder")),
            Text.seconds(vm.path("startDelaySeconds")),
            Text.of(disk.path("name")),
            Text.bytes(disk.path("sizeBytes")),
            Text.of(disk.path("uri"))
        });
    }
}
