package io.tidemark.state;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import com.fasterxml.jackson.annotation.JsonProperty;
import io.tidemark.vm.VmDocument;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class DurableFileTest {

    record Content(@JsonProperty("text") String text) {}

    @TempDir
    Path folder;

    private Path path;
    private DurableFile<Content> file;

    @BeforeEach
    void begin() {
        path = folder.resolve("content.json");
        file = new DurableFile<>(path, Content.class, VmDocument.mapper());
    }

    @Test
    void whatNeverWasWrittenIsEmpty() throws IOException {
        assertThat(file.read()).isEmpty();
    }

    @Test
    void theLastContentIsRead() throws IOException {
        file.write(new Content("a rather long first content"));
        file.write(new Content("b"));

        assertThat(file.read()).contains(new Content("b"));
        assertThat(folder.resolve("content.json.draft")).doesNotExist();
    }

    @Test
    void aDeathAtAnyByteOfTheNewContentLeavesTheOld() throws IOException {
        file.write(new Content("old"));
        byte[] next = VmDocument.mapper().writeValueAsBytes(new Content("new"));
        Path draft = folder.resolve("content.json.draft");

        for (int cut = 0; cut <= next.length; cut++) {
            // When: so many bytes of the draft reached the disk, and the rename did not
            Files.write(draft, java.util.Arrays.copyOf(next, cut));

            // Then
            assertThat(file.read()).as("cut at " + cut).contains(new Content("old"));
        }

        // When: the rename was all that was left to do
        Files.move(draft, path, StandardCopyOption.ATOMIC_MOVE);

        // Then
        assertThat(file.read()).contains(new Content("new"));
    }

    @Test
    void theLeftoverOfADeathIsNotInTheWay() throws IOException {
        Files.writeString(folder.resolve("content.json.draft"), "{\"text\":\"a torn and much longer dra");

        // When
        file.write(new Content("new"));

        // Then
        assertThat(file.read()).contains(new Content("new"));
    }

    @Test
    void anotherFormatIsAnErrorThatNamesBoth() throws IOException {
        file.write(new Content("seven"));

        assertThat(file.read(5, content -> content.text().length())).contains(new Content("seven"));
        assertThatThrownBy(() -> file.read(6, content -> content.text().length()))
                .isInstanceOf(IOException.class)
                .hasMessageContaining("content.json has format 5, not 6");
    }

    @Test
    void anyDamageIsAnErrorThatNamesTheFile() throws IOException {
        file.write(new Content("content"));
        byte[] whole = Files.readAllBytes(path);

        for (int cut = 0; cut < whole.length; cut++) {
            Files.write(path, java.util.Arrays.copyOf(whole, cut));
            assertThatThrownBy(file::read).isInstanceOf(IOException.class).hasMessageContaining("content.json");
        }
        for (String damaged : new String[] {
            "null",
            "[]",
            "7",
            "\0\0\0\0",
            "{\"text\":\"content\"} and more",
            "{\"text\":\"content\",\"other\":1}",
            "{}",
        }) {
            Files.writeString(path, damaged);
            assertThatThrownBy(file::read)
                    .as(damaged)
                    .isInstanceOf(IOException.class)
                    .hasMessageContaining("content.json");
        }
    }

    @Test
    void aFileThatCannotBeReadIsNotOneThatNeverWas() throws IOException {
        Files.createDirectory(path);

        assertThatThrownBy(file::read).isInstanceOf(IOException.class);
    }

    @Test
    void whatWasDeletedIsEmpty() throws IOException {
        file.write(new Content("content"));

        // When
        file.delete();
        file.delete();

        // Then
        assertThat(file.read()).isEmpty();
    }
}
