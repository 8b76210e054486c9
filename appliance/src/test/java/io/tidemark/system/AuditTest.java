package io.tidemark.system;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.RegisterExtension;

/** What the audit log says of changes that matter: not only that there was one, but of what. */
@Tag("clients")
final class AuditTest {

    @RegisterExtension
    final Sites sites = new Sites();

    @Test
    void aDrillAndAFailoverSayWhichVmAndWhichPoint() {
        // Given
        SitePair pair = sites.pair();
        String uri = pair.protect("shop", DiskSpec.direct("system", 16));
        Nbd.qemuIo(uri, "write -P 0xab 0 1M", "flush");
        pair.awaitReplicated();

        // When
        Api.Drill drill = pair.replica().api().drill("shop", "latest");
        pair.replica().api().ask("POST", "/drills", "{\"vm\":\"shop\",\"point\":\"1\"}");
        pair.replica().api().delete("/drills/" + drill.id() + "?result=passed&note=it%20boots");
        JsonNode failover = pair.replica().api().post("/failovers", Map.of("vm", "shop"));

        // Then
        assertThat(names(pair.source(), "/api/v1/vms/shop", 201))
                .containsEntry("peer", "south")
                .containsEntry("disks", "system:16777216:direct");
        assertThat(names(pair.replica(), "/api/v1/drills", 201))
                .containsEntry("vm", "shop")
                .containsEntry("point", "latest")
                .containsEntry("drill", drill.id())
                .hasEntrySatisfying("record", record -> assertThat(record).matches("[0-9]+"));
        assertThat(names(pair.replica(), "/api/v1/drills", 404))
                .containsEntry("vm", "shop")
                .containsEntry("point", "1")
                .doesNotContainKey("drill");
        assertThat(names(pair.replica(), "/api/v1/drills/" + drill.id(), 204))
                .containsEntry("vm", "shop")
                .containsEntry("result", "passed")
                .containsEntry("note", "it boots");
        assertThat(names(pair.replica(), "/api/v1/failovers", 201))
                .containsEntry("vm", "shop")
                .containsEntry("planned", "false")
                .containsEntry("record", failover.path("point").path("sequence").asText())
                .containsEntry("term", failover.path("term").asText());
        assertThat(lines(pair.source())).noneMatch(line -> line.contains("<domain>"));
    }

    /** Of the only entry for a path that was answered so. */
    private static Map<String, String> names(Site site, String path, int status) {
        List<JsonNode> found = lines(site).stream()
                .map(AuditTest::parsed)
                .filter(entry ->
                        entry.path("target").asText().replaceAll("\\?.*", "").equals(path)
                                && entry.path("status").asInt() == status)
                .toList();
        assertThat(found).as(path).hasSize(1);
        Map<String, String> names = new LinkedHashMap<>();
        found.getFirst()
                .path("names")
                .properties()
                .forEach(name -> names.put(name.getKey(), name.getValue().asText()));
        return names;
    }

    private static JsonNode parsed(String line) {
        try {
            return new ObjectMapper().readTree(line);
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    private static List<String> lines(Site site) {
        try {
            return Files.readAllLines(site.data().resolve("audit.jsonl"));
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }
}
