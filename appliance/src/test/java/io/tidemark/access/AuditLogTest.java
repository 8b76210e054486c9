package io.tidemark.access;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.ObjectMapper;
import io.tidemark.vm.VmDocument;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class AuditLogTest {

    private static final ObjectMapper MAPPER = VmDocument.mapper();

    @TempDir
    Path folder;

    @Test
    void whatWasAddedStaysAndWhatAPowerCutHasTornIsALineOfItsOwn() throws IOException {
        try (AuditLog log = new AuditLog(folder, MAPPER)) {
            log.add(entry("a"));
        }
        Files.writeString(folder.resolve(AuditLog.NAME), "{\"time\":\"20", StandardOpenOption.APPEND);

        try (AuditLog log = new AuditLog(folder, MAPPER)) {
            log.add(entry("b"));
        }

        List<String> lines = Files.readAllLines(folder.resolve(AuditLog.NAME));
        assertThat(lines).hasSize(3);
        assertThat(MAPPER.readValue(lines.get(0), AuditLog.Entry.class)).isEqualTo(entry("a"));
        assertThat(MAPPER.readValue(lines.get(2), AuditLog.Entry.class)).isEqualTo(entry("b"));
    }

    /** A site that cannot write its log starts all the same. */
    @Test
    void aTornLineIsMendedWithTheNextEntryAndNotBefore() throws IOException {
        Files.writeString(folder.resolve(AuditLog.NAME), "{\"time\":\"20");

        new AuditLog(folder, MAPPER).close();

        assertThat(Files.readString(folder.resolve(AuditLog.NAME))).isEqualTo("{\"time\":\"20");
    }

    @Test
    void aFullFileIsKeptUnderTheNextNameAndTheOldestGoes() throws IOException {
        try (AuditLog log = new AuditLog(folder, MAPPER, 400)) {
            for (int i = 0; i < 100; i++) {
                log.add(entry("vm" + i));
            }
        }

        assertThat(folder.toFile().list()).hasSize(AuditLog.FULL_FILES_MAX + 1);
        assertThat(Files.readString(folder.resolve(AuditLog.NAME))).contains("vm99");
        assertThat(Files.readString(folder.resolve("audit-1.jsonl"))).contains("vm97");
    }

    private static AuditLog.Entry entry(String vm) {
        return new AuditLog.Entry(
                "2026-11-29T20:00:00Z",
                "zoe",
                "operator",
                "10.0.0.9",
                "PUT",
                "/api/v1/vms/" + vm,
                201,
                Map.of("peer", "south"));
    }
}
