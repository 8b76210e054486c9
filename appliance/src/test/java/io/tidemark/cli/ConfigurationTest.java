package io.tidemark.cli;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.PrintStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.util.List;
import java.util.Random;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** A file that is not wholly what was written is refused by its name and the place, before any appliance is asked. */
final class ConfigurationTest {

    private static final String WHOLE = """
            {"format": "tidemark-configuration", "version": 1, "site": "north",
             "peers": {"south": {"kind": "site", "addresses": ["10.0.0.1:10810"], "connections": 4, "compress": true, "rateBytesPerSecond": 0}},
             "vms": {"shop": {"id": "6b8f2c1e-58a4-4c0e-9d2f-0c6b1f0f7a11", "peer": "south", "priority": "high",
                              "disks": [{"name": "system", "sizeBytes": 1048576, "attachMode": "fanout", "acknowledge": "durable"}],
                              "definition": {"text": "<domain/>", "firmware": ""},
                              "group": {"name": "webshop", "startOrder": 1, "startDelaySeconds": 30},
                              "clients": {"disks": ["DNS:kvm1"], "drills": ["DNS:kvm1"]}}},
             "leftOut": {"old": "site south is its source, in term 1"}}
            """;

    @TempDir
    Path folder;

    @Test
    void whatWasWrittenIsReadAndForItsOwnerAlone() throws IOException {
        Configuration known = Configuration.read(file(WHOLE));
        Path written = folder.resolve("written.json");
        Files.writeString(written, "something else");

        known.write(written);

        assertThat(Configuration.read(written)).isEqualTo(known);
        assertThat(known.vms()).containsOnlyKeys("shop");
        assertThat(known.leftOut()).containsOnlyKeys("old");
        assertThat(PosixFilePermissions.toString(Files.getPosixFilePermissions(written)))
                .isEqualTo("rw-------");
        try (Stream<Path> files = Files.list(folder)) {
            assertThat(files).hasSize(2);
        }
    }

    @Test
    void aFolderThatIsNotThereIsSaidAndNothingIsLeft() throws IOException {
        Configuration known = Configuration.read(file(WHOLE));

        assertThatThrownBy(() -> known.write(folder.resolve("nowhere/backup.json")))
                .isInstanceOf(Failed.class)
                .hasMessageContaining("nowhere/backup.json cannot be written");
    }

    @Test
    void aFileThatIsCutOffAnywhereIsRefused() throws IOException {
        String whole = WHOLE.strip();
        for (int length = 0; length < whole.length(); length++) {
            Path cut = file(whole.substring(0, length));
            assertThatThrownBy(() -> Configuration.read(cut))
                    .as("of %s characters", length)
                    .isInstanceOf(Failed.class)
                    .hasMessageContaining(cut.toString())
                    .hasMessageContaining("nothing was changed");
        }
    }

    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            value = {
                "\"version\": 1 | \"version\": 2 | is of version 2",
                "\"version\": 1 | \"version\": \"1\" | is of version \"1\"",
                "tidemark-configuration | tidemark-site | is not a configuration of Tidemark",
                "\"site\": \"north\", | | site is not a text",
                "\"vms\" | \"machines\" | machines is unknown",
                "\"connections\": 4 | \"lanes\": 4 | peers.south.lanes is unknown",
                "\"connections\": 4, | | peers.south.connections is missing",
                "[\"10.0.0.1:10810\"] | \"10.0.0.1:10810\" | peers.south.addresses is not an array",
                "\"peer\": \"south\" | \"peer\": \"west\" | vms.shop.peer is 'west', which the file does not have",
                "\"sizeBytes\": 1048576, | | vms.shop.disks[0].sizeBytes is missing",
                "\"priority\": \"high\" | \"priority\": \"high\", \"priority\": \"low\" | Duplicate field 'priority'",
                "{\"old\" | [], \"more\": {\"old\" | more is unknown",
            })
    void whatIsNotUnderstoodIsNamed(String before, String after, String said) throws IOException {
        assertThat(WHOLE).contains(before);
        Path file = file(WHOLE.replace(before, after == null ? "" : after));

        assertThatThrownBy(() -> Configuration.read(file))
                .isInstanceOf(Failed.class)
                .hasMessageContaining(file.toString())
                .hasMessageContaining(said)
                .hasMessageContaining("nothing was changed");
    }

    @Test
    void nobodyIsAskedForAFileThatIsRefused() throws IOException {
        Path file = file(WHOLE.substring(0, 200));
        ByteArrayOutputStream err = new ByteArrayOutputStream();

        int exit = Tidemark.run(
                new String[] {"restore", file.toString(), "--url=http://127.0.0.1:1"},
                new Random(1),
                new PrintStream(new ByteArrayOutputStream()),
                new PrintStream(err, true));

        assertThat(exit).isEqualTo(Exit.REFUSED); // and not: no answer
        assertThat(err.toString(StandardCharsets.UTF_8))
                .contains("is cut off, or no JSON")
                .hasLineCount(1);
    }

    @Test
    void whatIsThereAndDifferentIsNamedWithBoth() throws IOException {
        Configuration here = Configuration.read(file(WHOLE));
        Configuration other = Configuration.read(file(WHOLE.replace("\"connections\": 4", "\"connections\": 8")
                .replace("1048576", "2097152")
                .replace("\"group\": {\"name\": \"webshop\", \"startOrder\": 1, \"startDelaySeconds\": 30},", "")));

        assertThat(here.differencesFrom(here)).isEmpty();
        List<String> differences = here.differencesFrom(other);

        assertThat(differences).hasSize(3);
        assertThat(differences.get(0)).isEqualTo("peer south: connections is 4 here, and 8 in the file");
        assertThat(differences.get(1)).startsWith("VM shop: disks is [{\"name\":\"system\"");
        assertThat(differences.get(2)).contains("VM shop: group is", "and nothing in the file");
    }

    private Path file(String content) throws IOException {
        return Files.writeString(folder.resolve("backup.json"), content);
    }
}
