package io.tidemark.replica;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.tidemark.journal.Sequence;
import io.tidemark.journal.VmId;
import io.tidemark.vm.RecoveryPoint;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.UUID;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class FloorFileTest {

    @TempDir
    Path folder;

    @Test
    void aFolderWithoutOneHasNone() throws IOException {
        assertThat(new FloorFile(folder).read()).isEmpty();
    }

    @Test
    void givesBackWhatWasWrittenLast() throws IOException {
        FloorFile file = new FloorFile(folder);
        file.write(
                new FloorFile.Content(FloorFile.FORMAT, "here", Sequence.NONE, 1, Sequence.NONE, List.of(), List.of()));
        FloorFile.Content content = new FloorFile.Content(
                FloorFile.FORMAT,
                "here",
                Sequence.NONE,
                1,
                new Sequence(42),
                List.of(new FloorFile.Point(
                        new VmId(new UUID(1, 2)), "2026-01-31T12:00:00.123456789Z", RecoveryPoint.Kind.CUT)),
                List.of(new RecoveryWindow.Saved(new Sequence(50), 1L << 40, 86_400_000)));

        file.write(content);

        assertThat(new FloorFile(folder).read()).contains(content);
    }

    @Test
    void aCrashInTheMiddleLeavesTheOneBefore() throws IOException {
        FloorFile file = new FloorFile(folder);
        FloorFile.Content content = new FloorFile.Content(
                FloorFile.FORMAT, "here", Sequence.NONE, 1, new Sequence(1), List.of(), List.of());
        file.write(content);
        Files.writeString(folder.resolve("replica.json.draft"), "{\"format\":1,\"si");

        assertThat(new FloorFile(folder).read()).contains(content);
    }

    @Test
    void refusesWhatItDoesNotUnderstand() throws IOException {
        new FloorFile(folder)
                .write(new FloorFile.Content(2, "here", Sequence.NONE, 1, new Sequence(1), List.of(), List.of()));

        assertThatThrownBy(new FloorFile(folder)::read)
                .isInstanceOf(IOException.class)
                .hasMessageContaining("format 2");
    }
}
