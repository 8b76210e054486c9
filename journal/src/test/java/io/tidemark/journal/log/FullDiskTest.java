package io.tidemark.journal.log;

import static org.assertj.core.api.Assertions.assertThat;

import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** A disk that is full to the last byte, in a mount namespace of its own. */
@Tag("kill")
class FullDiskTest {

    @TempDir
    Path temporary;

    @Test
    void aFullDiskRefusesNewWorkAndLosesNoneThatWasTaken() throws Exception {
        Path mount = Files.createDirectory(temporary.resolve("disk"));
        Process process = ChildProcess.start(
                List.of(
                        "unshare",
                        "--map-root-user",
                        "--mount",
                        "sh",
                        "-c",
                        "mount -t tmpfs -o size=8m none \"$1\" && shift && exec \"$@\"",
                        "sh",
                        mount.toString()),
                FullDiskProcess.class,
                mount.toString());

        String said = new String(process.getInputStream().readAllBytes(), StandardCharsets.UTF_8);

        assertThat(process.waitFor()).as(said).isZero();
        assertThat(said.lines())
                .containsExactly(
                        "refused: Full[limit=RESERVE]",
                        "took control records with no byte free",
                        "filled prepared segments with no byte free",
                        "no fault",
                        "opened again, all there",
                        "room after the disk was cleared",
                        "opened on a full disk: Full[limit=RESERVE]",
                        "room again");
    }
}
