package io.tidemark.cli;

import com.fasterxml.jackson.databind.node.JsonNodeFactory;
import com.fasterxml.jackson.databind.node.ObjectNode;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.ArgGroup;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;

/** What points belong to: a VM, or a group. */
final class Subject {

    @ArgGroup(exclusive = true, multiplicity = "1")
    @SuppressWarnings("NullAway.Init") // picocli sets it
    private Choice choice;

    private static final class Choice {
        @Parameters(paramLabel = "VM", description = "Its name or id.")
        @Nullable
        private String vm;

        @Option(
                names = "--group",
                paramLabel = "GROUP",
                description = "Instead of a VM: all VMs of the group, at one sequence.")
        @Nullable
        private String group;
    }

    /** Where REST has it. */
    String path() {
        return choice.vm != null ? Rest.path("vms", choice.vm) : Rest.path("groups", group());
    }

    /** As the body of a request has it. */
    ObjectNode json() {
        ObjectNode json = JsonNodeFactory.instance.objectNode();
        return choice.vm != null ? json.put("vm", choice.vm) : json.put("group", group());
    }

    /** For people. */
    String words() {
        return choice.vm != null ? "VM " + choice.vm : "group " + group();
    }

    private String group() {
        return String.valueOf(choice.group);
    }
}
