package io.tidemark.cli;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.JsonNodeFactory;
import java.util.Optional;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;

/** Recovery points that have a name, and stay. */
@Command(
        name = "pin",
        description = "Keep recovery points under names, when the window has left them: at the site that keeps them.",
        synopsisSubcommandLabel = "COMMAND")
final class PinCommands {

    @Command(name = "list", description = "The pins of a VM or a group, the oldest point first.")
    void list(@Mixin Session session, @Mixin Subject subject) {
        session.print(
                session.rest().get(subject.path() + "/pins"),
                pins -> Table.with("NAME", "SEQUENCE", "TIME", "PINNED", "KEPT").rows(pins, PinCommands::row));
    }

    @Command(name = "add", description = "Pin a point.")
    void add(
            @Mixin Session session,
            @Mixin Subject subject,
            @Option(names = "--name", paramLabel = "PIN", required = true, description = "What it is to be called.")
                    String name,
            @Option(
                            names = "--point",
                            paramLabel = "POINT",
                            defaultValue = "latest",
                            description =
                                    "latest, a sequence, or a time: then the newest not after it: ${DEFAULT-VALUE}")
                    String point) {
        session.print(
                session.rest()
                        .ask(
                                "PUT",
                                subject.path() + Rest.path("pins", name),
                                Optional.of(
                                        JsonNodeFactory.instance.objectNode().put("point", point))),
                pin -> Table.with("NAME", "SEQUENCE", "TIME", "PINNED", "KEPT").row(row(pin)));
    }

    @Command(name = "remove", description = "Let a point go with the window.")
    void remove(
            @Mixin Session session,
            @Mixin Subject subject,
            @Mixin Consent consent,
            @Option(names = "--name", paramLabel = "PIN", required = true, description = "What it is called.")
                    String name) {
        consent.require("The point that is pinned as " + name + " leaves with the recovery window, or at once");
        session.print(
                session.rest().ask("DELETE", subject.path() + Rest.path("pins", name), Optional.empty()),
                nothing -> "pin " + name + " is removed");
    }

    private static String[] row(JsonNode pin) {
        return new String[] {
            Text.of(pin.path("name")),
            Text.of(pin.path("point").path("sequence")),
            Text.of(pin.path("point").path("time")),
            Text.of(pin.path("since")),
            Text.bytes(pin.path("keptBytes"))
        };
    }
}
