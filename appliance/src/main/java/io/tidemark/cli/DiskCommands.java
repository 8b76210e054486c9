package io.tidemark.cli;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.JsonNodeFactory;
import com.fasterxml.jackson.databind.node.ObjectNode;
import java.util.Optional;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;

/** The disks of a VM at its source: what there is of them, and what is copied. */
@Command(
        name = "disk",
        description = "Add disks to a VM, let them grow, take them out; copy and mend them.",
        synopsisSubcommandLabel = "COMMAND")
final class DiskCommands {

    /** A disk that there is. */
    static final class Which {
        @Parameters(index = "0", paramLabel = "VM", description = "Its name or id.")
        private String vm = "";

        @Parameters(index = "1", paramLabel = "DISK", description = "Its name.")
        private String disk = "";

        private String path(String rest) {
            return Rest.path("vms", vm, "disks", disk, rest);
        }
    }

    @Command(name = "list", description = "The disks of a VM.")
    void list(@Mixin Session session, @Parameters(paramLabel = "VM", description = "Its name or id.") String vm) {
        session.print(session.rest().get(Rest.path("vms", vm)), found -> table(found.path("disks")));
    }

    @Command(name = "add", description = "Add a disk to a VM, which may be running.")
    void add(
            @Mixin Session session,
            @Parameters(index = "0", paramLabel = "VM", description = "Its name.") String vm,
            @Parameters(
                            index = "1",
                            paramLabel = DiskSpec.LABEL,
                            converter = DiskSpec.Converter.class,
                            description = "Like data:10G:direct.")
                    DiskSpec disk) {
        Rest rest = session.rest();
        ObjectNode body = asItIs(rest, vm);
        body.withArray("disks").add(disk.json());
        session.print(VmCommands.put(rest, vm, body, new Consent()), DiskCommands::ofVm);
    }

    @Command(name = "resize", description = "Let a disk grow. Clients see it when they connect anew.")
    void resize(
            @Mixin Session session,
            @Mixin Which which,
            @Parameters(
                            index = "2",
                            paramLabel = "SIZE",
                            converter = ByteCount.Converter.class,
                            description = "Like 40G.")
                    ByteCount size) {
        Rest rest = session.rest();
        ObjectNode body = asItIs(rest, which.vm);
        find(body, which).put("sizeBytes", size.bytes());
        session.print(VmCommands.put(rest, which.vm, body, new Consent()), DiskCommands::ofVm);
    }

    @Command(name = "remove", description = "Take a disk out of a VM, and destroy what this site has of it.")
    void remove(@Mixin Session session, @Mixin Which which, @Mixin Consent consent) {
        Rest rest = session.rest();
        ObjectNode body = asItIs(rest, which.vm);
        String gone = find(body, which).path("name").asText();
        ArrayNode disks = body.withArray("disks");
        disks.removeIf(disk -> disk.path("name").asText().equals(gone));
        session.print(VmCommands.put(rest, which.vm, body, consent), DiskCommands::ofVm);
    }

    @Command(name = "copy-begin", description = "Say that the source begins a new copy of its disk.")
    void copyBegin(@Mixin Session session, @Mixin Which which) {
        session.print(session.rest().ask("POST", which.path("copy-begin"), Optional.empty()), DiskCommands::ofVm);
    }

    @Command(name = "copy-end", description = "Say that the source's copy of its disk was seen to be complete.")
    void copyEnd(
            @Mixin Session session,
            @Mixin Which which,
            @Option(
                            names = "--observed-gaps",
                            paramLabel = "N",
                            required = true,
                            description = "The disk's gaps when that was seen.")
                    int gaps) {
        session.print(
                session.rest()
                        .ask(
                                "POST",
                                which.path("copy-end"),
                                Optional.of(
                                        JsonNodeFactory.instance.objectNode().put("observedGaps", gaps))),
                DiskCommands::ofVm);
    }

    @Command(
            name = "accept-continuity",
            description =
                    "Say that nothing is missing of a suspect disk, though nobody has seen it. It is recorded with each point.")
    void acceptContinuity(
            @Mixin Session session,
            @Mixin Which which,
            @Mixin Consent consent,
            @Option(names = "--observed-gaps", paramLabel = "N", required = true, description = "The disk's gaps.")
                    int gaps,
            @Option(names = "--by", paramLabel = "NAME", required = true, description = "Who says so.") String by,
            @Option(names = "--reason", paramLabel = "TEXT", required = true, description = "How that is known.")
                    String reason) {
        consent.require("If that was wrong, the points of VM " + which.vm + " are");
        ObjectNode body = JsonNodeFactory.instance
                .objectNode()
                .put("observedGaps", gaps)
                .put("by", by)
                .put("reason", reason);
        session.print(
                session.rest().ask("POST", which.path("accept-continuity"), Optional.of(body)), DiskCommands::ofVm);
    }

    @Command(
            name = "copy-to-replica",
            description = "Copy a disk to the replica once more, when what that has is in doubt.")
    void copyToReplica(
            @Mixin Session session,
            @Mixin Which which,
            @Option(names = "--wait", description = "Wait until it is copied.") boolean await) {
        Rest rest = session.rest();
        session.print(rest.ask("POST", which.path("copy-to-replica"), Optional.empty()), DiskCommands::ofVm);
        if (await) {
            Copies.followVm(session, rest, which.vm);
        }
    }

    @Command(
            name = "mend",
            description =
                    "Compare a suspect disk with its source's disk, and lay what differs over it. After copy-begin.")
    void mend(
            @Mixin Session session,
            @Mixin Which which,
            @Option(
                            names = "--from",
                            paramLabel = "URI",
                            required = true,
                            description =
                                    "An NBD export of the source's disk as it was at one moment since copy-begin.")
                    String from,
            @Option(names = "--wait", description = "Wait until all is compared.") boolean await) {
        Rest rest = session.rest();
        ObjectNode body = JsonNodeFactory.instance.objectNode().put("uri", from);
        session.print(rest.ask("POST", which.path("mend"), Optional.of(body)), DiskCommands::mending);
        if (await) {
            Copies.followMend(session, rest, which.path("mend"), which.disk);
        }
    }

    @Command(name = "mend-status", description = "How far the comparison has come, or how the last one ended.")
    void mendStatus(
            @Mixin Session session,
            @Mixin Which which,
            @Option(
                            names = {"-f", "--follow"},
                            description = "Go on until it has ended.")
                    boolean follow) {
        Rest rest = session.rest();
        session.print(rest.get(which.path("mend")), DiskCommands::mending);
        if (follow) {
            Copies.followMend(session, rest, which.path("mend"), which.disk);
        }
    }

    @Command(name = "mend-stop", description = "End the comparison. What was laid over the disk stays.")
    void mendStop(@Mixin Session session, @Mixin Which which) {
        session.print(
                session.rest().ask("DELETE", which.path("mend"), Optional.empty()),
                nothing -> "disk " + which.disk + " is not compared any more");
    }

    static Table table(JsonNode disks) {
        return Table.with("DISK", "SIZE", "MODE", "ACK", "INTAKE", "GAPS", "RUNG", "TO COPY", "CLIENTS", "URI")
                .rows(disks, disk -> new String[] {
                    Text.of(disk.path("name")),
                    Text.bytes(disk.path("sizeBytes")),
                    Text.of(disk.path("attachMode")),
                    Text.of(disk.path("acknowledge")),
                    intake(disk.path("intake")),
                    Text.of(disk.path("intake").path("gaps")),
                    Text.of(disk.path("rung").path("step")),
                    Text.bytes(disk.path("copyLeftBytes")),
                    Text.of(disk.path("connections")),
                    Text.of(disk.path("uri"))
                });
    }

    private static String intake(JsonNode intake) {
        return intake.path("awaitsRestart").asBoolean()
                ? "waits for the guest's restart"
                : Text.of(intake.path("state"));
    }

    private static Object ofVm(JsonNode vm) {
        return table(vm.path("disks"));
    }

    private static Object mending(JsonNode mend) {
        return Table.ofFacts()
                .row("phase", Text.of(mend.path("phase")))
                .row("from", Text.of(mend.path("uri")))
                .row("size", Text.bytes(mend.path("sizeBytes")))
                .row("compared", Text.bytes(mend.path("comparedBytes")))
                .row("laid", Text.bytes(mend.path("laidBytes")))
                .row("reason", Text.of(mend.path("reason")));
    }

    /** What PUT says to leave a VM as it is. */
    private static ObjectNode asItIs(Rest rest, String vm) {
        JsonNode found = rest.get(Rest.path("vms", vm)).json();
        ObjectNode body = JsonNodeFactory.instance.objectNode();
        body.set("peer", found.path("peer"));
        found.path("disks").forEach(disk -> body.withArray("disks").add(DiskSpec.known(disk)));
        if (found.has("group")) {
            body.set("group", found.path("group"));
        }
        return body;
    }

    private static ObjectNode find(ObjectNode body, Which which) {
        for (JsonNode disk : body.path("disks")) {
            if (disk.path("name").asText().equals(which.disk)) {
                return (ObjectNode) disk;
            }
        }
        throw new Failed(Exit.NOT_FOUND, "VM " + which.vm + " has no disk " + which.disk);
    }
}
