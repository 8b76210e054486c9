package io.tidemark.system;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import io.tidemark.cli.Tidemark;
import java.io.ByteArrayOutputStream;
import java.io.PrintStream;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;
import java.util.Random;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.ExtendWith;

/** An operator's tasks at the command line, between two sites. */
@Tag("clients")
@ExtendWith(SharedPair.class)
final class CommandsTest {

    private static final int REFUSED = 1;
    private static final int NOT_FOUND = 5;
    private static final int NOT_CONFIRMED = 6;

    private final SitePair pair;
    private final ByteArrayOutputStream out = new ByteArrayOutputStream();
    private final ByteArrayOutputStream err = new ByteArrayOutputStream();

    CommandsTest(SitePair pair) {
        this.pair = pair;
    }

    @Test
    void aVmIsProtectedChangedDrilledAndFailedOver() throws Exception {
        // Registered, and it waits until the peer has it
        done(pair.source(), "vm", "register", "cli-shop", "--peer", "south", "--disk", "system:16M:direct", "--wait");
        assertThat(out()).contains("cli-shop", "nbd://" + pair.source().nbdAddress() + "/cli-shop/system", "16.0 MiB");
        done(pair.source(), "status");
        assertThat(out()).contains("north", "cli-shop", "consistent");

        // JSON is what REST says
        done(pair.source(), "vm", "list", "--json");
        assertThat(names(json())).contains("cli-shop");

        // Its disks
        done(pair.source(), "disk", "add", "cli-shop", "data:8M:direct:durable");
        done(pair.source(), "disk", "resize", "cli-shop", "data", "16M");
        assertThat(ended(pair.source(), "disk", "resize", "cli-shop", "data", "8M"))
                .isEqualTo(REFUSED);
        assertThat(err()).contains("shrink");
        done(pair.source(), "disk", "copy-to-replica", "cli-shop", "data", "--wait");
        assertThat(pair.source().api().disk("cli-shop", "data").path("ship").asText())
                .isEqualTo("full");
        assertThat(ended(pair.source(), "disk", "remove", "cli-shop", "data")).isEqualTo(NOT_CONFIRMED);
        assertThat(err()).contains("destroys", "--yes");
        assertThat(pair.source().api().vm("cli-shop").path("disks")).hasSize(2);
        done(pair.source(), "disk", "remove", "cli-shop", "data", "--yes");
        assertThat(pair.source().api().vm("cli-shop").path("disks")).hasSize(1);

        // A point at the other site
        Nbd.qemuIo(pair.source().uri("cli-shop/system"), "write -P 7 0 4096", "flush");
        pair.awaitReplicated();
        done(pair.replica(), "points", "cli-shop", "--consistent", "--json");
        String point = json().path(0).path("sequence").asText();
        done(pair.replica(), "points", "cli-shop");
        assertThat(out()).contains("SEQUENCE", point, "consistent");
        done(pair.replica(), "pin", "add", "cli-shop", "--name", "before", "--point", point);
        done(pair.replica(), "pin", "list", "cli-shop");
        assertThat(out()).contains("before", point);

        // Drilled
        done(pair.replica(), "drill", "start", "cli-shop", "--point", "pin:before", "--json");
        String drill = json().path("id").asText();
        done(pair.replica(), "drill", "list");
        assertThat(out()).contains(drill, "cli-shop");
        assertThat(ended(pair.replica(), "drill", "end", drill)).isEqualTo(NOT_CONFIRMED);
        done(pair.replica(), "drill", "end", drill, "--result", "passed", "--note", "it boots", "--yes");
        done(pair.replica(), "points", "cli-shop");
        assertThat(out()).contains("passed");
        done(pair.replica(), "pin", "remove", "cli-shop", "--name", "before", "--yes");

        // Failed over
        assertThat(ended(pair.replica(), "failover", "start", "cli-shop", "--planned"))
                .isEqualTo(NOT_CONFIRMED);
        assertThat(err()).contains("This site becomes the source of VM cli-shop");
        done(pair.replica(), "failover", "start", "cli-shop", "--planned", "--yes", "--wait");
        done(pair.replica(), "failover", "show", "cli-shop");
        assertThat(out()).contains("plain");
        done(pair.source(), "vm", "show", "cli-shop");
        assertThat(out()).contains("fenced: site south is its source");
        done(pair.source(), "vm", "remove", "cli-shop", "--yes");
        done(pair.replica(), "events", "--limit", "1000");
        assertThat(out()).contains("cli-shop");
    }

    @Test
    void whatIsRefusedIsSaidWithTheReasonOfTheAppliance() throws Exception {
        assertThat(ended(pair.source(), "vm", "show", "cli-nobody")).isEqualTo(NOT_FOUND);
        assertThat(err()).contains("no VM cli-nobody is known here");

        assertThat(ended(pair.source(), "vm", "register", "cli-x", "--peer", "nowhere", "--disk", "d:1M:direct"))
                .isEqualTo(REFUSED);
        assertThat(err()).contains("no peer nowhere that takes VMs is registered");

        assertThat(ended(
                        pair.source(),
                        "vm",
                        "register",
                        "cli-x",
                        "--peer",
                        "south",
                        "--disk",
                        "d:1M:sideways",
                        "--json"))
                .isEqualTo(REFUSED);
        assertThat(err()).contains("disks[0].attachMode");
        assertThat(json().path("status").asInt()).isEqualTo(400);
    }

    @Test
    void groupsAndPeersAreThere() {
        pair.protectIn("cli-group", 1, "cli-first", DiskSpec.direct("disk", 1));

        done(pair.source(), "group", "list");
        assertThat(out()).contains("cli-group");
        done(pair.source(), "group", "show", "cli-group");
        assertThat(out()).contains("cli-first", "30 s");
        done(pair.source(), "peer", "add", "cli-peer", "--address", "127.0.0.1:9", "--rate", "10M", "--no-compress");
        done(pair.source(), "peer", "list");
        assertThat(out()).contains("cli-peer", "south");
        done(pair.source(), "peer", "show", "cli-peer");
        assertThat(out()).contains("10.0 MiB/s", "127.0.0.1:9");
        assertThat(ended(pair.source(), "peer", "remove", "cli-peer")).isEqualTo(NOT_CONFIRMED);
        done(pair.source(), "peer", "remove", "cli-peer", "--yes");
        assertThat(pair.source().api().ask("GET", "/peers/cli-peer", "").status())
                .isEqualTo(404);
    }

    @Test
    void whatIsWrittenTellsWhatIsNeeded() throws Exception {
        pair.protect("cli-size", DiskSpec.direct("disk", 16));
        Nbd.qemuIo(pair.source().uri("cli-size/disk"), "write 0 8M", "flush");

        Await.until("the meters", () -> {
            done(pair.source(), "size", "--vm", "cli-size", "--outage", "8h", "--json");
            return out().contains("Bytes") && !out().contains("\"writeBytesPerSecond\":0,");
        });

        done(pair.source(), "size", "--vm", "cli-size", "--outage", "8h", "--sample", "1");
        assertThat(out()).contains("cli-size", "16.0 MiB", "journal.quota");
        assertThat(ended(pair.source(), "size", "--vm", "cli-nobody", "--outage", "8h"))
                .isEqualTo(NOT_FOUND);
        assertThat(ended(pair.replica(), "size", "--vm", "cli-size", "--outage", "8h"))
                .isEqualTo(NOT_FOUND);
    }

    private void done(Site site, String... words) {
        assertThat(ended(site, words)).as("%s: %s", List.of(words), err()).isZero();
    }

    private int ended(Site site, String... words) {
        out.reset();
        err.reset();
        List<String> all = new ArrayList<>(List.of(words));
        all.add("--url=" + site.restUri());
        return Tidemark.run(
                all.toArray(String[]::new), new Random(1), new PrintStream(out, true), new PrintStream(err, true));
    }

    private static List<String> names(JsonNode vms) {
        return Api.elements(vms).map(vm -> vm.path("name").asText()).toList();
    }

    private JsonNode json() throws Exception {
        return new ObjectMapper().readTree(out());
    }

    private String out() {
        return out.toString(StandardCharsets.UTF_8);
    }

    private String err() {
        return err.toString(StandardCharsets.UTF_8);
    }
}
