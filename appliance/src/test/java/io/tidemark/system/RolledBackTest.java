package io.tidemark.system;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import java.nio.file.Path;
import java.util.Map;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.RegisterExtension;

/** Sites whose data disk is an older copy of itself, or gone: nothing is overwritten, and a new lineage brings them together again. */
@Tag("clients")
final class RolledBackTest {

    @RegisterExtension
    final Sites sites = new Sites();

    /** It has even written past what the replica has. */
    @Test
    void aSourceThatWasRolledBackOverwritesNothingAndBeginsANewLineage() {
        SitePair pair = sites.pair(Map.of("TIDEMARK_INTAKE_CUT_INTERVAL", "1h"));
        String uri = pair.protect("shop", DiskSpec.direct("orders", 64));
        pair.protect("fan", new DiskSpec("copy", 8 * DiskSpec.MIB, "fanout"));
        pair.source().api().post("/vms/fan/disks/copy/copy-begin", Map.of());
        pair.source().api().post("/vms/fan/disks/copy/copy-end", Map.of("observedGaps", 0));
        Nbd.qemuIo(uri, "write -P 1 0 1M", "write -P 1 60M 1M", "flush");
        pair.awaitReplicated();
        pair.source().stop();
        Path older = sites.folder().resolve("older");
        Tool.run("cp", "-a", "--sparse=always", pair.source().data(), older);
        pair.source().start();
        Nbd.qemuIo(uri, "write -P 2 0 1M", "flush");
        pair.awaitReplicated();
        String lineage = pair.link().path("lineage").asText();

        // When
        pair.source().kill();
        putBack(pair.source(), older);
        pair.source().start();
        Nbd.qemuIo(uri, "write -P 3 1M 1M", "flush", "write -P 3 2M 1M", "flush", "write -P 3 3M 1M", "flush");

        // Then
        Await.until("a refusal", () -> pair.link().path("problem").asText().contains("DIVERGED"));
        holds(pair, Map.of("vm", "shop"), "read -P 2 0 1M", "read -P 0 1M 1M");

        // When
        pair.source().api().post("/peers/south/new-lineage", Map.of());
        Nbd.qemuIo(uri, "write -P 4 4M 1M", "flush");

        // Then
        awaitInStep(pair);
        assertThat(pair.link().path("lineage").asText()).isNotEqualTo(lineage);
        Await.until(
                "a point of the new lineage",
                () -> pair.source().api().vm("shop").path("rpoSeconds").asDouble() == 0);
        holds(pair, Map.of("vm", "shop"), "read -P 1 0 1M", "read -P 3 1M 3M", "read -P 4 4M 1M", "read -P 1 60M 1M");
        holds(pair, Map.of("vm", "shop", "lineage", lineage), "read -P 2 0 1M", "read -P 0 1M 1M");
        JsonNode fan = pair.source().api().vm("fan");
        assertThat(fan.path("consistent").asBoolean()).as("%s", fan).isFalse();

        // Then it is the same after restarts of both
        pair.source().kill();
        pair.replica().kill();
        pair.startWhatIsDown();
        Nbd.qemuIo(uri, "read -P 1 0 1M", "write -P 5 0 1M", "flush");
        awaitInStep(pair);
        pair.assertSameAtBothSites("shop");
    }

    @Test
    void aReplicaThatLostItsDiskIsGivenEverythingAgainWhileClientsWrite() {
        SitePair pair = sites.pair(Map.of("TIDEMARK_INTAKE_CUT_INTERVAL", "1h"));
        String uri = pair.protect("shop", DiskSpec.direct("orders", 256));
        for (int i = 0; i < 4; i++) {
            Nbd.qemuIo(uri, "write -P " + (i + 1) + " " + i * 24 + "M 24M", "flush");
        }
        pair.awaitReplicated();
        Await.until("a segment to be trimmed", () -> pair.link().path("trimmed").asLong() > 0);

        // When
        pair.replica().kill();
        Tool.run("rm", "-rf", pair.replica().data().resolve("replicas"));
        pair.replica().start();
        Await.until("a refusal", () -> pair.link().path("problem").asText().contains("TRIMMED"));
        pair.source().api().post("/peers/south/new-lineage", Map.of());
        try (Writer writer = new Writer(uri, sites.folder().resolve("stop"))) {
            writer.awaitProgress(64);
            awaitInStep(pair);
        }

        // Then
        Nbd.qemuIo(uri, "write -P 9 200M 1M", "flush");
        pair.assertSameAtBothSites("shop");
    }

    /** What it had lost is shipped again, since the source has it still. */
    @Test
    void aReplicaThatWasRolledBackIsShippedAgainWhatItLost() {
        SitePair pair = sites.pair(Map.of("TIDEMARK_INTAKE_CUT_INTERVAL", "1h"));
        String uri = pair.protect("shop", DiskSpec.direct("orders", 64));
        Nbd.qemuIo(uri, "write -P 1 0 1M", "flush");
        pair.awaitReplicated();
        pair.replica().stop();
        Path older = sites.folder().resolve("older");
        Tool.run("cp", "-a", "--sparse=always", pair.replica().data(), older);
        pair.replica().start();
        Nbd.qemuIo(uri, "write -P 2 1M 1M", "flush");
        pair.awaitReplicated();

        // When
        pair.replica().kill();
        putBack(pair.replica(), older);
        pair.replica().start();
        Await.until("a session", () -> pair.link().path("state").asText().equals("shipping"));

        // Then
        assertThat(pair.source().api().events())
                .anyMatch(event -> event.path("kind").asText().equals("replica-lost-records"));
        assertThat(pair.source()
                        .api()
                        .ask("POST", "/peers/south/new-lineage", "{}")
                        .status())
                .as("nothing keeps it from going on")
                .isEqualTo(409);
        pair.assertSameAtBothSites("shop");
    }

    private static void putBack(Site site, Path older) {
        Tool.run("rm", "-rf", site.data());
        Tool.run("cp", "-a", "--sparse=always", older, site.data());
    }

    private static void awaitInStep(SitePair pair) {
        Await.until("the end of the copy", () -> pair.source()
                .api()
                .disk("shop", "orders")
                .path("ship")
                .asText()
                .equals("full"));
    }

    private static void holds(SitePair pair, Map<String, String> request, String... reads) {
        Api.Drill drill = Api.Drill.of(pair.replica().api().post("/drills", request));
        Nbd.qemuIo(drill.uri("orders"), reads);
        pair.replica().api().end(drill);
    }
}
