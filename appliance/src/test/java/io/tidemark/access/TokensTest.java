package io.tidemark.access;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.FileTime;
import java.util.List;
import java.util.Random;
import java.util.concurrent.atomic.AtomicLong;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class TokensTest {

    private static final Tokens.Made ZOE = Tokens.make("zoe", "operator", new Random(1));
    private static final Tokens.Made MAX = Tokens.make("max", "admin", new Random(2));

    @TempDir
    Path folder;

    @Test
    void aTokenIsItsHoldersAndNobodysElse() {
        Tokens tokens = Tokens.parse(List.of("# people", "", ZOE.line(), MAX.line()));

        assertThat(tokens.find(ZOE.token())).hasValue(new Holder("zoe", Role.OPERATOR));
        assertThat(tokens.find(MAX.token())).hasValue(new Holder("max", Role.ADMIN));
        assertThat(tokens.find(ZOE.token() + "x")).isEmpty();
        assertThat(tokens.find("")).isEmpty();
        assertThat(ZOE.line()).doesNotContain(ZOE.token());
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "zoe operator",
                "zoe boss 00",
                "zoe operator secret",
                "z/oe operator HASH",
                "zoe boss HASH",
                "zoe operator HASH HASH"
            })
    void aLineThatIsWrongIsNamedAndNotShown(String line) {
        String hash = "ab".repeat(32);

        assertThatThrownBy(() -> Tokens.parse(List.of("", line.replace("HASH", hash))))
                .isInstanceOf(IllegalArgumentException.class)
                .hasMessageContaining("line 2")
                .message()
                .doesNotContain(hash, "secret");
    }

    @Test
    void whoeverMayDoMoreMayDoLess() {
        assertThat(Role.VIEWER.labels()).containsExactly("viewer");
        assertThat(Role.ADMIN.labels()).containsExactlyInAnyOrder("viewer", "operator", "admin");
    }

    @Test
    void aChangeOfTheFileCountsASecondLater() throws IOException {
        AtomicLong nanos = new AtomicLong();
        Path path = write(ZOE.line(), 1);
        TokenFile file = TokenFile.open(path, nanos::get);
        write(MAX.line(), 2);
        assertThat(file.find(ZOE.token())).isPresent();

        // When
        nanos.addAndGet(1_000_000_000L);

        // Then
        assertThat(file.find(ZOE.token())).isEmpty();
        assertThat(file.find(MAX.token())).isPresent();
    }

    @Test
    void aFileThatCannotBeReadAnyMoreLocksNobodyOut() throws IOException {
        AtomicLong nanos = new AtomicLong();
        TokenFile file = TokenFile.open(write(ZOE.line(), 1), nanos::get);
        write("rubbish", 2);

        nanos.addAndGet(1_000_000_000L);

        assertThat(file.find(ZOE.token())).isPresent();
        Files.delete(folder.resolve("tokens"));
        nanos.addAndGet(1_000_000_000L);
        assertThat(file.find(ZOE.token())).isPresent();
        write(MAX.line(), 2);
        nanos.addAndGet(1_000_000_000L);
        assertThat(file.find(ZOE.token())).isEmpty();
        write("rubbish", 2);
        assertThatThrownBy(() -> TokenFile.open(folder.resolve("tokens"), nanos::get))
                .hasMessageContaining("line 1");
        assertThatThrownBy(() -> TokenFile.open(folder.resolve("nowhere"), nanos::get))
                .hasMessageContaining("nowhere");
    }

    private Path write(String text, long modified) throws IOException {
        Path path = Files.writeString(folder.resolve("tokens"), text + "\n");
        Files.setLastModifiedTime(path, FileTime.fromMillis(modified));
        return path;
    }
}
