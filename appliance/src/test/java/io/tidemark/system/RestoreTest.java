package io.tidemark.system;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import io.tidemark.cli.Tidemark;
import java.io.ByteArrayOutputStream;
import java.io.PrintStream;
import java.net.URI;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Random;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.RegisterExtension;

/** A dead appliance is replaced by an empty one, which is told by a backup what the one before was told. */
@Tag("clients")
final class RestoreTest {

    private static final int REFUSED = 1;

    @RegisterExtension
    final Sites sites = new Sites();

    private final ByteArrayOutputStream out = new ByteArrayOutputStream();
    private final ByteArrayOutputStream err = new ByteArrayOutputStream();
    private SitePair pair;
    private Path file;

    @BeforeEach
    void start() {
        pair = sites.pair(Map.of("TIDEMARK_INTAKE_CUT_INTERVAL", "1h"));
        file = sites.folder().resolve("north.json");
    }

    @Test
    void aSourceThatIsReplacedProtectsItsVmsAgainAndThePointsOfBeforeAreThere() throws Exception {
        Map<String, Object> shop =
                new LinkedHashMap<>(pair.request("shop", new DiskSpec("orders", 16 * DiskSpec.MIB, "fanout")));
        shop.put("group", Map.of("name", "webshop", "startOrder", 3, "startDelaySeconds", 7));
        shop.put("priority", "low");
        pair.source().api().put("/vms/shop", shop);
        pair.source().api().put("/peers/spare", Map.of("addresses", List.of("127.0.0.1:9"), "rateBytesPerSecond", 5));
        NbdConnection lost = copied("shop", 1);
        String till = pair.protect("till", DiskSpec.direct("drawer", 8));
        Nbd.qemuIo(till, "write -P 2 0 1M", "flush");
        pair.awaitReplicated();
        String id = pair.source().api().vm("shop").path("id").asText();
        String before = pair.link().path("lineage").asText();
        done(pair.source(), "backup", file.toString());
        assertThat(out()).contains("2 peers, 2 VMs");

        // When
        lose(pair.source());
        lost.close();

        // Then: what was at this site only is not begun anew with nothing in it, unless that is meant
        assertThat(ended(pair.source(), "restore", file.toString())).isEqualTo(REFUSED);
        assertThat(out()).contains("registered").contains("disk drawer was here only");
        assertThat(err()).contains("VM till left out");
        assertThat(pair.source().api().ask("GET", "/vms/till", "").status()).isEqualTo(404);
        JsonNode restored = pair.source().api().vm("shop");
        assertThat(restored.path("id").asText()).isEqualTo(id);
        assertThat(restored.path("group").path("startDelaySeconds").asInt()).isEqualTo(7);
        assertThat(restored.path("priority").asText()).isEqualTo("low");
        assertThat(restored.path("definition").path("text").asText()).contains("shop");
        assertThat(pair.source()
                        .api()
                        .get("/peers/spare")
                        .path("rateBytesPerSecond")
                        .asInt())
                .isEqualTo(5);

        // Then: what is copied does not hide what there was
        pair.awaitReplicated();
        holds(Map.of("vm", "shop"), "orders", "read -P 1 0 1M");

        // When: its source copies its disk
        NbdConnection found = copied("shop", 3);

        // Then
        pair.awaitReplicated();
        Await.until(
                "a point of the new disk",
                () -> pair.source().api().vm("shop").path("rpoSeconds").asDouble() == 0);
        assertThat(pair.source().api().vm("shop").path("consistent").asBoolean())
                .isTrue();
        pair.assertSameAtBothSites("shop");
        holds(Map.of("vm", "shop"), "orders", "read -P 3 0 1M");
        holds(Map.of("vm", "shop", "lineage", before), "orders", "read -P 1 0 1M");
        holds(Map.of("vm", "till"), "drawer", "read -P 2 0 1M");
        found.close();

        // When: done again, and with leave to begin with nothing
        done(pair.source(), "restore", file.toString(), "--empty-disks", "--json");

        // Then
        assertThat(outcomes())
                .containsExactly("south unchanged", "spare unchanged", "shop unchanged", "till registered");
        pair.awaitReplicated();
        holds(Map.of("vm", "till", "lineage", before), "drawer", "read -P 2 0 1M");
        done(pair.source(), "restore", file.toString(), "--json");
        assertThat(outcomes()).hasSize(4).allMatch(outcome -> outcome.endsWith("unchanged"));
    }

    @Test
    void whatIsThereAndDifferentIsNamedAndNothingIsDone() throws Exception {
        pair.protect("shop", new DiskSpec("orders", 16 * DiskSpec.MIB, "fanout"));
        pair.protect("till", new DiskSpec("drawer", 8 * DiskSpec.MIB, "fanout"));
        done(pair.source(), "backup", file.toString(), "--json");
        pair.source().api().put("/vms/shop", pair.request("shop", new DiskSpec("orders", 32 * DiskSpec.MIB, "fanout")));
        pair.source().api().delete("/vms/till?confirm=till");

        assertThat(ended(pair.source(), "restore", file.toString())).isEqualTo(REFUSED);

        assertThat(err()).contains("VM shop: disks is").contains("nothing was changed");
        assertThat(pair.source().api().ask("GET", "/vms/till", "").status()).isEqualTo(404);

        // Nor is it another site's
        assertThat(ended(pair.replica(), "restore", file.toString())).isEqualTo(REFUSED);
        assertThat(err()).contains("the file is of site north, and this is site south");
        assertThat(Api.elements(pair.replica().api().get("/vms")))
                .noneMatch(vm -> vm.path("role").asText().equals("source"));
    }

    @Test
    void aVmThatWasFailedOverMeanwhileDoesNotComeBackAndCanGoHome() throws Exception {
        String uri = pair.protect("till", DiskSpec.direct("drawer", 16));
        Nbd.qemuIo(uri, "write -P 2 0 1M", "flush");
        pair.awaitReplicated();
        done(pair.source(), "backup", file.toString());
        pair.source().kill();
        String there = pair.replica()
                .api()
                .post("/failovers", Map.of("vm", "till"))
                .path("disks")
                .path(0)
                .path("uri")
                .asText();
        Nbd.qemuIo(there, "write -P 4 1M 1M", "flush");

        // When
        lose(pair.source());
        assertThat(ended(pair.source(), "restore", file.toString())).isEqualTo(REFUSED);
        Await.until(
                "what the other site says",
                () -> Files.exists(pair.source().data().resolve("terms.json")));

        // Then
        assertThat(ended(pair.source(), "restore", file.toString(), "--empty-disks"))
                .isEqualTo(REFUSED);
        assertThat(err()).contains("site south is its source, in term 1");
        Await.until(
                "its points here",
                () -> !pair.source().api().consistentPoints("till").isEmpty());
        assertThat(pair.source().api().vm("till").path("role").asText()).isEqualTo("replica");

        // When
        String home = pair.source()
                .api()
                .post("/failovers", Map.of("vm", "till", "planned", true))
                .path("disks")
                .path(0)
                .path("uri")
                .asText();

        // Then
        Nbd.qemuIo(home, "read -P 2 0 1M", "read -P 4 1M 1M", "write -P 5 2M 1M", "flush");
        assertThat(pair.replica().api().vm("till").path("fenced").path("reason").asText())
                .contains("site north is its source, in term 2");
    }

    @Test
    void aVmIsNotTakenBackFromAPeerThatCannotBeAsked() throws Exception {
        pair.protect("shop", new DiskSpec("orders", 16 * DiskSpec.MIB, "fanout"));
        done(pair.source(), "backup", file.toString());
        pair.replica().stop();
        lose(pair.source());

        assertThat(ended(pair.source(), "restore", file.toString(), "--peer-timeout=1"))
                .isEqualTo(REFUSED);
        assertThat(out()).contains("peer south may be its source by now");
        assertThat(pair.source().api().get("/vms")).isEmpty();

        done(pair.source(), "restore", file.toString(), "--without-peer");
        assertThat(pair.source().api().get("/vms")).hasSize(1);
    }

    @Test
    void aReplicaThatIsReplacedIsGivenEverythingAgain() throws Exception {
        String uri = pair.protect("shop", DiskSpec.direct("orders", 256));
        for (int i = 0; i < 4; i++) {
            Nbd.qemuIo(uri, "write -P " + (i + 1) + " " + i * 24 + "M 24M", "flush");
        }
        pair.awaitReplicated();
        Await.until("a segment to be trimmed", () -> pair.link().path("trimmed").asLong() > 0);
        done(pair.replica(), "backup", file.toString());
        assertThat(out()).contains("1 peers, 0 VMs");

        // When
        lose(pair.replica());
        done(pair.replica(), "restore", file.toString());

        // Then
        Await.until("a refusal", () -> pair.link().path("problem").asText().contains("TRIMMED"));
        done(pair.source(), "peer", "new-lineage", "south", "--yes");
        Await.until("the end of the copy", () -> pair.source()
                .api()
                .disk("shop", "orders")
                .path("ship")
                .asText()
                .equals("full"));
        Nbd.qemuIo(uri, "write -P 9 200M 1M", "flush");
        pair.assertSameAtBothSites("shop");
    }

    /** The machine is gone, with its disk; another has its name, its settings and its certificates. */
    private static void lose(Site site) {
        if (site.isRunning()) {
            site.kill();
        }
        Tool.run(
                "find",
                site.data(),
                "-mindepth",
                "1",
                "-maxdepth",
                "1",
                "!",
                "-name",
                "tls",
                "-exec",
                "rm",
                "-rf",
                "{}",
                "+");
        site.start();
    }

    /** The source of the disk copies it to us, and stays connected: else nobody would know what was missed. */
    private NbdConnection copied(String vm, int pattern) throws Exception {
        Api api = pair.source().api();
        String disk = api.vm(vm).path("disks").path(0).path("name").asText();
        api.post("/vms/" + vm + "/disks/" + disk + "/copy-begin", Map.of());
        NbdConnection client = new NbdConnection(URI.create(pair.source().uri(vm + "/" + disk)));
        byte[] content = new byte[(int) DiskSpec.MIB];
        Arrays.fill(content, (byte) pattern);
        client.run(NbdConnection.Command.WRITE_DURABLY, 0, content.length, content);
        api.post("/vms/" + vm + "/disks/" + disk + "/copy-end", Map.of("observedGaps", 0));
        return client;
    }

    private void holds(Map<String, String> request, String disk, String... reads) {
        Api.Drill drill = Api.Drill.of(pair.replica().api().post("/drills", request));
        Nbd.qemuIo(drill.uri(disk), reads);
        pair.replica().api().end(drill);
    }

    private void done(Site site, String... words) {
        assertThat(ended(site, words))
                .as("%s: %s%s", List.of(words), out(), err())
                .isZero();
    }

    private int ended(Site site, String... words) {
        out.reset();
        err.reset();
        List<String> all = new ArrayList<>(List.of(words));
        all.add("--url=" + site.restUri());
        return Tidemark.run(
                all.toArray(String[]::new), new Random(1), new PrintStream(out, true), new PrintStream(err, true));
    }

    private List<String> outcomes() throws Exception {
        return Api.elements(new ObjectMapper().readTree(out()))
                .map(item ->
                        item.path("name").asText() + " " + item.path("outcome").asText())
                .toList();
    }

    private String out() {
        return out.toString(StandardCharsets.UTF_8);
    }

    private String err() {
        return err.toString(StandardCharsets.UTF_8);
    }
}
