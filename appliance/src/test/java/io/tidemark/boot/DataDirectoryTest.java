package io.tidemark.boot;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.util.UUID;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class DataDirectoryTest {

    @TempDir
    Path folder;

    @ParameterizedTest
    @ValueSource(
            strings = {
                "",
                "null",
                "{}",
                "[]",
                "{\"id\":null}",
                "{\"id\":7}",
                "{\"id\":\"x\"}",
                "{\"id\":\"00000000-0000-0001-0000-000000000001\"",
                "{\"id\":\"00000000-0000-0001-0000-000000000001\",\"term\":9223372036854775808}",
            })
    void anIdentityThatCannotBeReadIsNamedAndKept(String content) throws IOException {
        Path file = Files.writeString(folder.resolve("site.json"), content);

        try (DataDirectory data = new DataDirectory(folder)) {
            assertThatThrownBy(() -> data.site("here", new UUID(1, 2)))
                    .isInstanceOf(IOException.class)
                    .hasMessageContaining(file.toString());
        }

        assertThat(file).hasContent(content);
    }

    /** Two appliances on one directory would be two sources of its VMs (I11). */
    @Test
    void oneApplianceAtATimeHasTheDirectory() throws IOException {
        DataDirectory first = new DataDirectory(folder);

        assertThatThrownBy(() -> new DataDirectory(folder))
                .isInstanceOf(IOException.class)
                .hasMessageContaining(folder.toString())
                .hasMessageContaining("used by another appliance");

        first.close();
        new DataDirectory(folder).close();
    }

    @Test
    void oneThatItMakesIsForItsUserAlone() throws IOException {
        Path made = folder.resolve("of").resolve("a-site");

        new DataDirectory(made).close();

        assertThat(PosixFilePermissions.toString(Files.getPosixFilePermissions(made)))
                .isEqualTo("rwx------");
    }

    @Test
    void aSiteHasOneIdentityForGood() throws IOException {
        try (DataDirectory data = new DataDirectory(folder)) {
            data.site("here", new UUID(1, 2));
        }

        try (DataDirectory data = new DataDirectory(folder)) {
            assertThat(data.site("here", new UUID(3, 4)).id().id()).isEqualTo(new UUID(1, 2));
        }
    }
}
