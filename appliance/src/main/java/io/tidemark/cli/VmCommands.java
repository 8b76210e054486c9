package io.tidemark.cli;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.node.JsonNodeFactory;
import com.fasterxml.jackson.databind.node.ObjectNode;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Base64;
import java.util.List;
import java.util.Optional;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.ArgGroup;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;

/** The VMs that are protected at the site, and those that it keeps for others. */
@Command(
        name = "vm",
        description = "Protect VMs, look at them, end their protection.",
        synopsisSubcommandLabel = "COMMAND")
final class VmCommands {

    /** How a VM is to be protected. */
    static final class Registration {
        @Option(names = "--peer", paramLabel = "PEER", description = "The site, or NBD server, that it is shipped to.")
        @Nullable
        private String peer;

        @Option(
                names = "--disk",
                paramLabel = DiskSpec.LABEL,
                converter = DiskSpec.Converter.class,
                description =
                        "One of its disks, like system:20G:direct. MODE: direct, fanout, mirror-active or mirror-background; ACK: journaled or durable.")
        private List<DiskSpec> disks = List.of();

        @Option(
                names = "--group",
                paramLabel = "GROUP",
                description = "The group that it belongs to; without it, it belongs to none.")
        @Nullable
        private String group;

        @Option(
                names = "--start-order",
                paramLabel = "N",
                description = "In the group; those with a lower one are started first.")
        @Nullable
        private Integer startOrder;

        @Option(
                names = "--start-delay",
                paramLabel = "SECONDS",
                description = "In the group; to wait before it is started.")
        @Nullable
        private Integer startDelay;

        @Option(
                names = "--client",
                paramLabel = "NAME",
                description =
                        "Who may open its disks: CN:, DNS: or URI: and what the client's certificate says; or 'anyone'. Without it, that stays as it is.")
        private List<String> clients = List.of();

        @Option(
                names = "--drill-client",
                paramLabel = "NAME",
                description = "Who may open the disks of its drills; without it, those of --client.")
        private List<String> drillClients = List.of();

        @Option(
                names = "--priority",
                paramLabel = "PRIORITY",
                description =
                        "low, normal or high: which VMs go first when the link takes less than is written. Without it, that stays as it is.")
        @Nullable
        private String priority;

        @Option(
                names = "--definition",
                paramLabel = "FILE",
                description = "What the VM is beside its disks: libvirt XML, or any text.")
        @Nullable
        private Path definition;

        @Option(names = "--firmware", paramLabel = "FILE", description = "The firmware's variables.")
        @Nullable
        private Path firmware;

        ObjectNode json() {
            ObjectNode json = JsonNodeFactory.instance.objectNode();
            if (peer != null) {
                json.put("peer", peer);
            }
            disks.forEach(disk -> json.withArray("disks").add(disk.json()));
            if (group != null) {
                ObjectNode membership = json.putObject("group").put("name", group);
                if (startOrder != null) {
                    membership.put("startOrder", startOrder);
                }
                if (startDelay != null) {
                    membership.put("startDelaySeconds", startDelay);
                }
            }
            clients.forEach(
                    name -> json.withObject("clients").withArray("disks").add(name));
            drillClients.forEach(
                    name -> json.withObject("clients").withArray("drills").add(name));
            if (priority != null) {
                json.put("priority", priority);
            }
            if (definition != null) {
                json.withObject("definition").put("text", text(definition));
            }
            if (firmware != null) {
                json.withObject("definition")
                        .put("firmware", Base64.getEncoder().encodeToString(bytes(firmware)));
            }
            return json;
        }
    }

    @Command(name = "list", description = "All VMs, those protected here first.")
    void list(@Mixin Session session) {
        session.print(session.rest().get("/vms"), VmCommands::table);
    }

    @Command(name = "show", description = "One VM, and each of its disks.")
    void show(
            @Mixin Session session,
            @Parameters(paramLabel = "VM", description = "Its name or id.") String vm,
            @Option(
                            names = {"-f", "--follow"},
                            description = "Then show how its disks are copied to the peer, until they are.")
                    boolean follow) {
        Rest rest = session.rest();
        session.print(rest.get(Rest.path("vms", vm)), VmCommands::details);
        if (follow) {
            Copies.followVm(session, rest, vm);
        }
    }

    @Command(
            name = "register",
            description =
                    "Protect a VM, or say what it is from now on: its disks, its group. The same again changes nothing.")
    void register(
            @Mixin Session session,
            @Parameters(paramLabel = "VM", description = "The name that it is to have here.") String vm,
            @ArgGroup(exclusive = false) @Nullable Registration registration,
            @Option(
                            names = "--file",
                            paramLabel = "FILE",
                            description = "JSON as REST wants it, instead of the options that describe a VM.")
                    @Nullable
                    Path file,
            @Mixin Consent consent,
            @Option(names = "--wait", description = "Wait until its disks are copied to the peer.") boolean await) {
        if ((file == null) == (registration == null)) {
            throw new Failed(Exit.USAGE, "describe the VM by options, or by --file");
        }
        Rest rest = session.rest();
        session.print(put(rest, vm, file != null ? parsed(file) : registration.json(), consent), VmCommands::details);
        if (await) {
            Copies.followVm(session, rest, vm);
        }
    }

    @Command(name = "remove", description = "End the protection of a VM, and destroy its volumes at this site.")
    void remove(
            @Mixin Session session,
            @Parameters(paramLabel = "VM", description = "Its name or id.") String vm,
            @Mixin Consent consent) {
        Rest rest = session.rest();
        confirmed(rest, "DELETE", Rest.path("vms", vm), vm, consent);
        session.print(new Rest.Answer(0, ""), nothing -> "VM " + vm + " is not protected any more");
    }

    @Command(
            name = "claim",
            description =
                    "Make this site the source of a VM that is fenced here: its history here is the one to go on with.")
    void claim(
            @Mixin Session session,
            @Parameters(paramLabel = "VM", description = "Its name or id.") String vm,
            @Mixin Consent consent) {
        session.print(
                confirmed(session.rest(), "POST", Rest.path("vms", vm, "claim"), vm, consent), VmCommands::details);
    }

    @Command(
            name = "guest-restarted",
            description = "Say that the guest was restarted after the appliance's machine stopped uncleanly.")
    void guestRestarted(
            @Mixin Session session, @Parameters(paramLabel = "VM", description = "Its name or id.") String vm) {
        session.print(
                session.rest().ask("POST", Rest.path("vms", vm, "guest-restarted"), Optional.empty()),
                VmCommands::details);
    }

    static Table table(JsonNode vms) {
        return Table.with("NAME", "ROLE", "PEER", "GROUP", "RPO", "RUNG", "TO COPY", "STATE", "LAST DRILL PASSED")
                .rows(vms, vm -> new String[] {
                    Text.of(vm.path("name")),
                    Text.of(vm.path("role")),
                    Text.of(vm.path("peer")),
                    Text.of(vm.path("group").path("name")),
                    Text.seconds(vm.path("rpoSeconds")),
                    rungs(vm),
                    vm.path("role").asText().equals("source") ? Text.bytes(Copies.left(vm)) : Text.NONE,
                    GroupCommands.state(vm),
                    Text.of(vm.path("lastDrillPassed"))
                });
    }

    /** What REST answers to a change of a VM; asks a person first if it takes disks out. */
    static Rest.Answer put(Rest rest, String vm, JsonNode body, Consent consent) {
        String path = Rest.path("vms", vm);
        Rest.Answer answer = rest.tryTo("PUT", path, Optional.of(body));
        if (!answer.wantsConfirmation()) {
            return answer.status() / 100 == 2 ? answer : refuse(answer);
        }
        consent.require(answer.json().path("detail").asText());
        List<String> names = new ArrayList<>();
        body.path("disks").forEach(disk -> names.add(disk.path("name").asText()));
        List<String> gone = new ArrayList<>();
        rest.get(path)
                .json()
                .path("disks")
                .forEach(disk -> gone.add(disk.path("name").asText()));
        gone.removeAll(names);
        return rest.ask("PUT", path + "?confirm=" + Rest.encoded(String.join(",", gone)), Optional.of(body));
    }

    private static Rest.Answer refuse(Rest.Answer answer) {
        throw Rest.refused(answer);
    }

    /** Asks for something that wants the VM's name in 'confirm': first without, for what it would destroy. */
    private static Rest.Answer confirmed(Rest rest, String method, String path, String vm, Consent consent) {
        Rest.Answer answer = rest.tryTo(method, path, Optional.empty());
        if (!answer.wantsConfirmation()) {
            return refuse(answer);
        }
        consent.require(answer.json().path("detail").asText());
        String name = rest.get(Rest.path("vms", vm)).json().path("name").asText();
        return rest.ask(method, path + "?confirm=" + Rest.encoded(name), Optional.empty());
    }

    private static Object details(JsonNode vm) {
        Table facts = Table.ofFacts()
                .row("VM", Text.of(vm.path("name")))
                .row("id", Text.of(vm.path("id")))
                .row("role", Text.of(vm.path("role")))
                .row("peer", Text.of(vm.path("peer")))
                .row("state", GroupCommands.state(vm));
        if (vm.has("rpoSeconds")) {
            facts.row("RPO", Text.seconds(vm.path("rpoSeconds")))
                    .row("journal full in", Text.seconds(vm.path("forecast").path("secondsUntilFull")))
                    .row("caught up in", Text.seconds(vm.path("forecast").path("secondsToCatchUp")));
        }
        if (vm.has("group")) {
            facts.row("group", Text.of(vm.path("group").path("name")));
        }
        if (vm.has("clients")) {
            facts.row("clients", names(vm.path("clients").path("disks")))
                    .row("clients of drills", names(vm.path("clients").path("drills")));
        }
        facts.row("priority", Text.of(vm.path("priority")));
        return facts + "\n\n" + DiskCommands.table(vm.path("disks"));
    }

    private static String names(JsonNode clients) {
        List<String> names = new ArrayList<>();
        clients.forEach(name -> names.add(Text.of(name)));
        return String.join(", ", names);
    }

    private static String rungs(JsonNode vm) {
        List<String> rungs = new ArrayList<>();
        vm.path("disks").forEach(disk -> rungs.add(Text.of(disk.path("rung").path("step"))));
        return rungs.stream()
                .distinct()
                .sorted()
                .reduce((one, other) -> one + "," + other)
                .orElse(Text.NONE);
    }

    private static JsonNode parsed(Path file) {
        try {
            return new ObjectMapper().readTree(bytes(file));
        } catch (IOException e) {
            throw new Failed(Exit.USAGE, file + " is not JSON: " + e.getMessage());
        }
    }

    private static String text(Path file) {
        return new String(bytes(file), java.nio.charset.StandardCharsets.UTF_8);
    }

    private static byte[] bytes(Path file) {
        try {
            return Files.readAllBytes(file);
        } catch (IOException e) {
            throw new Failed(Exit.USAGE, file + " cannot be read: " + e);
        }
    }
}
