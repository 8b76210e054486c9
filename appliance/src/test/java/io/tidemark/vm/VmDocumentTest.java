package io.tidemark.vm;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.tidemark.journal.Entries;
import io.tidemark.journal.Fault;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.util.List;
import java.util.Optional;
import org.junit.jupiter.api.Test;

class VmDocumentTest {

    /** What is in the journals of released versions. */
    private static final String STORED = """
            {"id":"766d0000-0000-0000-0000-000000000002","name":"db-1","disks":[\
            {"id":"74657374-0000-0000-0000-000000000001","name":"root","sizeBytes":1048576,\
            "attachMode":"mirror-active","acknowledge":"durable"}],\
            "definition":{"version":3,"text":"<domain/>","firmware":"AQL/"}}""";

    /** The same VM in a group. */
    private static final String GROUPED = STORED.substring(0, STORED.length() - 1) + """
            ,"group":{"name":"webshop","startOrder":2,"startDelaySeconds":30}}""";

    private static final Vm VM = new Vm(
            Vms.id(1),
            new Name("db-1"),
            List.of(new Disk(
                    Entries.stream(0), new Name("root"), 1 << 20, AttachMode.MIRROR_ACTIVE, AckPolicy.DURABLE)),
            new Definition(3, "<domain/>", new Firmware(new byte[] {1, 2, -1})));

    @Test
    void theFormOnDiskIsStable() {
        assertThat(StandardCharsets.UTF_8.decode(VmDocument.write(VM)).toString())
                .isEqualTo(STORED);
        assertThat(read(STORED)).isEqualTo(VM);
    }

    @Test
    void ofAVmInAGroupItIsTooAndOfOneWithoutAsItEverWas() {
        Vm grouped = VM.in(Optional.of(new Membership(new Name("webshop"), 2, 30)));

        assertThat(StandardCharsets.UTF_8.decode(VmDocument.write(grouped)).toString())
                .isEqualTo(GROUPED);
        assertThat(read(GROUPED)).isEqualTo(grouped);
        assertThat(VM.group()).isEmpty();
    }

    @Test
    void ofAVmForCertainClientsItNamesThemAndOfOneForAnyoneNothing() {
        Clients clients =
                new Clients(Audience.of(List.of("DNS:kvm1.example.com", "CN:kvm2")), Audience.of(List.of("URI:x:lab")));
        String stored = STORED.substring(0, STORED.length() - 1)
                + ",\"clients\":{\"disks\":[\"DNS:kvm1.example.com\",\"CN:kvm2\"],\"drills\":[\"URI:x:lab\"]}}";

        assertThat(StandardCharsets.UTF_8
                        .decode(VmDocument.write(VM.of(clients)))
                        .toString())
                .isEqualTo(stored);
        assertThat(read(stored)).isEqualTo(VM.of(clients));
        assertThat(read(STORED).clients()).isEqualTo(Clients.ANYONE);
        assertThat(read(stored.replace("\"URI:x:lab\"", "\"anyone\"")).clients().drills())
                .isEqualTo(new Audience.Anyone());
        for (String wrong : List.of(
                stored.replace("[\"URI:x:lab\"]", "[]"),
                stored.replace("[\"URI:x:lab\"]", "null"),
                stored.replace("[\"URI:x:lab\"]", "{}"),
                stored.replace("[\"URI:x:lab\"]", "\"anyone\""),
                stored.replace("\"URI:x:lab\"", "\"anyone\",\"URI:x:lab\""),
                stored.replace("\"URI:x:lab\"", "null"),
                stored.replace("\"URI:x:lab\"", "5"),
                stored.replace("URI:x:lab", "IP:10.0.0.1"),
                stored.replace("URI:x:lab", "CN:"),
                stored.replace("DNS:kvm1.", "DNS:*."),
                stored.replace(",\"drills\":[\"URI:x:lab\"]", ""),
                stored.replace("\"clients\":{", "\"clients\":null,\"x\":{"))) {
            assertThatThrownBy(() -> read(wrong), "%s", wrong).isInstanceOf(Fault.class);
        }
    }

    @Test
    void ofASeededDiskItSaysSoAndOfOthersNothing() {
        Disk disk = VM.disks().getFirst();
        Vm seeded = VM.on(List.of(
                new Disk(disk.id(), disk.name(), disk.sizeBytes(), disk.attachMode(), disk.acknowledge(), true)));
        String stored = STORED.replace("\"durable\"}", "\"durable\",\"seeded\":true}");

        assertThat(StandardCharsets.UTF_8.decode(VmDocument.write(seeded)).toString())
                .isEqualTo(stored);
        assertThat(read(stored)).isEqualTo(seeded);
        for (String wrong : List.of(
                stored.replace("true", "null"),
                stored.replace("true", "1"),
                stored.replace("true", "\"true\""),
                stored.replace("mirror-active", "direct"))) {
            assertThatThrownBy(() -> read(wrong)).as(wrong).isInstanceOf(Fault.class);
        }
    }

    @Test
    void aGroupThatIsNotExactlyOneIsAFault() {
        for (String wrong : List.of(
                GROUPED.replace("\"group\":{", "\"group\":null,\"x\":{"),
                STORED.replace("\"name\":\"db-1\"", "\"name\":\"db-1\",\"group\":null"),
                STORED.replace("\"name\":\"db-1\"", "\"name\":\"db-1\",\"group\":\"webshop\""),
                GROUPED.replace("webshop", "Web Shop"),
                GROUPED.replace("\"startOrder\":2,", ""),
                GROUPED.replace("\"startOrder\":2", "\"startOrder\":-1"),
                GROUPED.replace("\"startOrder\":2", "\"startOrder\":\"2\""),
                GROUPED.replace("\"startDelaySeconds\":30", "\"startDelaySeconds\":86401"),
                GROUPED.replace("\"startDelaySeconds\":30", "\"startDelaySeconds\":30,\"more\":1"))) {
            assertThatThrownBy(() -> read(wrong), "%s", wrong).isInstanceOf(Fault.class);
        }
    }

    @Test
    void ofAVmThatGoesBeforeOrBehindOthersItSaysSoAndOfOthersNothing() {
        Vm urgent =
                VM.in(Optional.of(new Membership(new Name("webshop"), 2, 30))).with(Priority.HIGH);
        String stored = GROUPED.substring(0, GROUPED.length() - 1) + ",\"priority\":\"high\"}";

        assertThat(StandardCharsets.UTF_8.decode(VmDocument.write(urgent)).toString())
                .isEqualTo(stored);
        assertThat(read(stored)).isEqualTo(urgent);
        assertThat(read(STORED).priority()).isEqualTo(Priority.NORMAL);
        for (String wrong : List.of(
                stored.replace("\"high\"", "null"),
                stored.replace("\"high\"", "2"),
                stored.replace("\"high\"", "\"urgent\""))) {
            assertThatThrownBy(() -> read(wrong)).as(wrong).isInstanceOf(Fault.class);
        }
    }

    @Test
    void everyModeAndPolicyComesBack() {
        for (AttachMode mode : AttachMode.values()) {
            Vm vm = Vms.vm(1, 0, mode);
            assertThat(VmDocument.read(vm.id(), VmDocument.write(vm))).isEqualTo(vm);
        }
    }

    @Test
    void readingLeavesTheBufferAlone() {
        ByteBuffer document = VmDocument.write(VM);

        VmDocument.read(VM.id(), document);

        assertThat(document.position()).isZero();
    }

    @Test
    void anyCutIsAFaultThatNamesTheVm() {
        for (int cut = 0; cut < STORED.length(); cut++) {
            String part = STORED.substring(0, cut);
            assertThatThrownBy(() -> read(part))
                    .as(part)
                    .isInstanceOf(Fault.class)
                    .hasMessageContaining(VM.id().toString());
        }
    }

    @Test
    void whatIsNotExactlyADocumentIsAFault() {
        for (String wrong : List.of(
                "null",
                "[]",
                STORED + "{}",
                STORED.replace("\"name\":\"db-1\"", "\"name\":\"db-1\",\"more\":1"),
                STORED.replace("\"name\":\"db-1\"", "\"name\":\"db-1\",\"name\":\"db-2\""),
                STORED.replace("\"name\":\"db-1\",", ""),
                STORED.replace("\"version\":3,", ""),
                STORED.replace(",\"acknowledge\":\"durable\"", ""),
                STORED.replace("\"durable\"", "\"DURABLE\""),
                STORED.replace("\"durable\"", "null"),
                STORED.replace("mirror-active", "mirror"),
                STORED.replace("1048576", "1048577"),
                STORED.replace("1048576", "1048576.5"),
                STORED.replace("1048576", "\"1048576\""),
                STORED.replace("1048576", "null"),
                STORED.replace("1048576", "-512"),
                STORED.replace("1048576", "99999999999999999999"),
                STORED.replaceAll("\\[.*]", "[null]"),
                STORED.replace("db-1", "DB 1"),
                STORED.replace("AQL/", "no base64!"),
                STORED.replace("766d0000-", "no-uuid-"))) {
            assertThatThrownBy(() -> read(wrong), "%s", wrong).isInstanceOf(Fault.class);
        }
    }

    @Test
    void aDefinitionIsLimitedAndVersioned() {
        String largest = "x".repeat(Definition.BYTES_MAX);

        assertThat(new Definition(0, largest, Firmware.NONE).text()).hasSize(Definition.BYTES_MAX);
        assertThatThrownBy(() -> new Definition(0, largest, new Firmware(new byte[1])))
                .isInstanceOf(IllegalArgumentException.class);
        assertThat(Definition.NONE.changedTo("", Firmware.NONE)).isSameAs(Definition.NONE);
        assertThat(Definition.NONE.changedTo("x", Firmware.NONE).version()).isEqualTo(1);
    }

    @Test
    void aVmHasDisksWithNamesOfTheirOwn() {
        assertThatThrownBy(() -> new Vm(VM.id(), VM.name(), List.of(), VM.definition()))
                .isInstanceOf(IllegalArgumentException.class);
        assertThatThrownBy(() -> new Vm(
                        VM.id(),
                        VM.name(),
                        List.of(VM.disks().getFirst(), VM.disks().getFirst()),
                        VM.definition()))
                .isInstanceOf(IllegalArgumentException.class)
                .hasMessageContaining("root");
    }

    private static Vm read(String json) {
        return VmDocument.read(VM.id(), ByteBuffer.wrap(json.getBytes(StandardCharsets.UTF_8)));
    }
}
