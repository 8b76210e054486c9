package io.tidemark.api;

import io.tidemark.appliance.VmWish;
import io.tidemark.appliance.VmWish.DiskWish;
import io.tidemark.journal.VmId;
import io.tidemark.vm.AckPolicy;
import io.tidemark.vm.AttachMode;
import io.tidemark.vm.Audience;
import io.tidemark.vm.Clients;
import io.tidemark.vm.Definition;
import io.tidemark.vm.Disk;
import io.tidemark.vm.Firmware;
import io.tidemark.vm.Membership;
import io.tidemark.vm.Name;
import io.tidemark.vm.Priority;
import io.tidemark.vm.Vm;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.HashSet;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.UUID;
import java.util.function.Function;
import java.util.function.Supplier;
import org.eclipse.microprofile.openapi.annotations.media.Schema;

/** How an operator wants a VM to be protected, as it comes in. */
public record VmRequest(
        @Schema(description = "the site it is shipped to", required = true)
        Optional<String> peer,

        @Schema(required = true) Optional<List<DiskRequest>> disks,

        @Schema(description = "what the VM is beside its disks: kept, and given back with each recovery point")
        Optional<DefinitionRequest> definition,

        @Schema(description = "the group that it belongs to; without it, it belongs to none")
        Optional<GroupRequest> group,

        @Schema(
                enumeration = {"low", "normal", "high"},
                description =
                        "which VMs go first when the link takes less than is written; without it, that stays as it is, at first normal")
        Optional<String> priority,

        @Schema(description = "who may open its disks; without it, that stays as it is, and a new VM is for anyone")
        Optional<ClientsRequest> clients,

        @Schema(
                description =
                        "of a VM that is not known here: the id it had before, at a site that is lost; points there were of it at the peer are then those"
                                + " of one VM. Without it, a new one")
        Optional<UUID> id) {

    /** Names that clients prove by their certificates: CN:, DNS: or URI: and the name; or 'anyone'. */
    public record ClientsRequest(
            @Schema(required = true, description = "who may open its disks where it is protected")
            Optional<List<String>> disks,

            @Schema(description = "who may open the disks of its drills; without it, those of 'disks'")
            Optional<List<String>> drills) {

        Clients clients() {
            Audience known = audience("clients.disks", required("clients.disks", disks));
            return new Clients(
                    known,
                    drills.map(names -> audience("clients.drills", names)).orElse(known));
        }

        private static Audience audience(String field, List<String> names) {
            for (int i = 0; i < names.size(); i++) {
                required(field + "[" + i + "]", Optional.ofNullable(names.get(i)));
            }
            return valid(field, () -> Audience.of(names));
        }
    }

    /** A group, and when the VM is to be started in it. */
    public record GroupRequest(
            @Schema(required = true) Optional<String> name,

            @Schema(defaultValue = "0", description = "those with a lower one are started first")
            Optional<Integer> startOrder,

            @Schema(defaultValue = "0", description = "what to wait before it is started, once those before it were")
            Optional<Integer> startDelaySeconds) {

        Membership membership() {
            Name known = valid("group.name", () -> new Name(required("group.name", name)));
            int order = startOrder.orElse(0);
            valid("group.startOrder", () -> new Membership(known, order, 0));
            return valid("group.startDelaySeconds", () -> new Membership(known, order, startDelaySeconds.orElse(0)));
        }
    }

    /** One of its disks. */
    public record DiskRequest(
            @Schema(required = true) Optional<String> name,

            @Schema(required = true, description = "a multiple of 512")
            Optional<Long> sizeBytes,

            @Schema(
                    enumeration = {"direct", "fanout", "mirror-active", "mirror-background"},
                    required = true)
            Optional<String> attachMode,

            @Schema(enumeration = {"journaled", "durable"}) Optional<String> acknowledge,

            @Schema(description = "whether the replica begins with an image that was brought there by other means")
            Optional<Boolean> seeded) {}

    /** Any text, libvirt XML for example, and the firmware's variables in base64. */
    public record DefinitionRequest(Optional<String> text, Optional<String> firmware) {}

    VmWish wish() {
        List<DiskRequest> asked = required("disks", disks);
        if (asked.isEmpty() || asked.size() > Vm.DISKS_MAX) {
            throw Refusal.badField("disks", "are not 1 to " + Vm.DISKS_MAX + " but " + asked.size());
        }
        List<DiskWish> wishes = new ArrayList<>();
        for (int i = 0; i < asked.size(); i++) {
            String at = "disks[" + i + "]";
            wishes.add(wish(at, required(at, Optional.ofNullable(asked.get(i)))));
        }
        refuseSameName(wishes);
        VmWish wish = new VmWish(
                required("peer", peer),
                wishes,
                definition.flatMap(DefinitionRequest::text),
                definition
                        .flatMap(DefinitionRequest::firmware)
                        .map(text -> valid("definition.firmware", () -> Firmware.ofBase64(text))),
                group.map(GroupRequest::membership),
                priority.map(text -> labelled("priority", text, Priority.values(), Priority::label)),
                clients.map(ClientsRequest::clients),
                id.map(VmId::new));
        valid(
                "definition",
                () -> new Definition(
                        0, wish.definition().orElse(""), wish.firmware().orElse(Firmware.NONE)));
        return wish;
    }

    private static void refuseSameName(List<DiskWish> wishes) {
        Set<Name> names = new HashSet<>();
        for (int i = 0; i < wishes.size(); i++) {
            if (!names.add(wishes.get(i).name())) {
                throw Refusal.badField(
                        "disks[" + i + "].name",
                        "is another disk's too: " + wishes.get(i).name());
            }
        }
    }

    private static DiskWish wish(String at, DiskRequest disk) {
        long size = required(at + ".sizeBytes", disk.sizeBytes());
        if (size <= 0 || size % 512 != 0 || size > Disk.SIZE_BYTES_MAX) {
            throw Refusal.badField(at + ".sizeBytes", "is not a positive multiple of 512 up to " + Disk.SIZE_BYTES_MAX);
        }
        DiskWish wish = new DiskWish(
                valid(at + ".name", () -> new Name(required(at + ".name", disk.name()))),
                size,
                labelled(
                        at + ".attachMode",
                        required(at + ".attachMode", disk.attachMode()),
                        AttachMode.values(),
                        AttachMode::label),
                disk.acknowledge()
                        .map(text -> labelled(at + ".acknowledge", text, AckPolicy.values(), AckPolicy::label)),
                disk.seeded());
        valid(at + ".acknowledge", wish::policy);
        if (disk.seeded().orElse(false) && !wish.attachMode().beginsWithACopy()) {
            throw Refusal.badField(
                    at + ".seeded", "is not for attach mode direct: such a disk begins empty at both sites");
        }
        return wish;
    }

    private static <T> T required(String field, Optional<T> value) {
        return value.orElseThrow(() -> Refusal.badField(field, "is missing"));
    }

    private static <T> T valid(String field, Supplier<T> make) {
        try {
            return make.get();
        } catch (IllegalArgumentException e) {
            throw Refusal.badField(field, String.valueOf(e.getMessage()));
        }
    }

    private static <T> T labelled(String field, String text, T[] values, Function<T, String> label) {
        return Arrays.stream(values)
                .filter(value -> label.apply(value).equals(text))
                .findFirst()
                .orElseThrow(() -> Refusal.badField(
                        field,
                        "'" + text + "' is none of "
                                + Arrays.stream(values).map(label).toList()));
    }
}
