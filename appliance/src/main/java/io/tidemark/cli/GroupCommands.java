package io.tidemark.cli;

import com.fasterxml.jackson.databind.JsonNode;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Parameters;

/** VMs whose points are taken together. */
@Command(
        name = "group",
        description = "Look at groups. Which VM belongs to which is said when it is registered.",
        synopsisSubcommandLabel = "COMMAND")
final class GroupCommands {

    @Command(name = "list", description = "All groups.")
    void list(@Mixin Session session) {
        session.print(session.rest().get("/groups"), groups -> Table.with("NAME", "PEER", "VMS", "RPO", "STATE")
                .rows(groups, group -> new String[] {
                    Text.of(group.path("name")),
                    Text.of(group.path("peer")),
                    Integer.toString(group.path("vms").size()),
                    Text.seconds(group.path("rpoSeconds")),
                    state(group)
                }));
    }

    @Command(name = "show", description = "One group: its VMs in the order in which they are to be started.")
    void show(@Mixin Session session, @Parameters(paramLabel = "GROUP") String group) {
        session.print(session.rest().get(Rest.path("groups", group)), found -> Table.with(
                        "VM", "ORDER", "DELAY", "ROLE", "RPO", "STATE", "LAST DRILL PASSED")
                .rows(found.path("vms"), vm -> new String[] {
                    Text.of(vm.path("name")),
                    Text.of(vm.path("startOrder")),
                    Text.of(vm.path("startDelaySeconds")) + " s",
                    Text.of(vm.path("role")),
                    Text.seconds(vm.path("rpoSeconds")),
                    state(vm),
                    Text.of(vm.path("lastDrillPassed"))
                }));
    }

    /** What a point of it now would be; nobody knows at the replica. */
    static String state(JsonNode of) {
        if (of.has("fenced")) {
            JsonNode fenced = of.path("fenced");
            return "fenced: " + Text.of(fenced.isObject() ? fenced.path("reason") : fenced);
        }
        if (!of.path("consistent").isBoolean()) {
            return Text.NONE;
        }
        return of.path("consistent").asBoolean() ? "consistent" : Text.of(of.path("inconsistency"));
    }
}
