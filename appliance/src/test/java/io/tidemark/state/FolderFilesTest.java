package io.tidemark.state;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class FolderFilesTest {

    private static final byte[] OLD = {1};
    private static final byte[] NEW = {2};

    @TempDir
    Path folder;

    private final List<Path> forced = new ArrayList<>();

    /** The writer was killed, or could not force the folder: the name is seen, and a power cut would bring the old content back. */
    @Test
    void whatIsReadIsDurableUnderItsName() throws IOException {
        new FolderFiles(folder).write("vms/a.json", OLD);
        FolderFiles failing = files(false);
        assertThatThrownBy(() -> failing.write("vms/a.json", NEW)).isInstanceOf(IOException.class);

        // When
        assertThat(files(true).read("vms/a.json")).contains(NEW);

        // Then
        assertThat(forced).containsExactly(folder.resolve("vms"));
    }

    @Test
    void namesTheFilesOfOneFolder() throws IOException {
        FolderFiles files = new FolderFiles(folder);
        files.write("terms.json", OLD);
        files.write("vms/a.json", OLD);
        files.write("vms/b.json", OLD);
        files.write("vms/dirty/c.bitmap", OLD);
        Files.write(folder.resolve("vms/d.json.draft"), OLD); // from a life that was killed

        assertThat(files.names("")).containsExactly("terms.json");
        assertThat(files.names("vms")).containsExactlyInAnyOrder("vms/a.json", "vms/b.json");
        assertThat(files.names("nothing")).isEmpty();
    }

    @Test
    void whatCannotBeMadeDurableIsNotRead() throws IOException {
        new FolderFiles(folder).write("vms/a.json", OLD);

        assertThatThrownBy(() -> files(false).read("vms/a.json"))
                .isInstanceOf(IOException.class)
                .hasMessageContaining("a.json");
    }

    private FolderFiles files(boolean works) {
        return new FolderFiles(folder, path -> {
            if (!works) {
                throw new IOException("Input/output error");
            }
            forced.add(path);
        });
    }
}
