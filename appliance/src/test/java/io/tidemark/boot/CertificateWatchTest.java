package io.tidemark.boot;

import static org.assertj.core.api.Assertions.assertThat;

import io.tidemark.events.Event;
import io.tidemark.events.EventLog;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.time.Instant;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Certificates that are renewed while the process runs. */
class CertificateWatchTest {

    @TempDir
    Path folder;

    private final EventLog events = new EventLog(() -> Instant.EPOCH);
    private int reloads;
    private boolean usable = true;

    @Test
    void whatDoesNotChangeIsNotReadAgain() throws IOException {
        CertificateWatch watch = watch();

        watch.look();
        watch.look();

        assertThat(reloads).isZero();
    }

    @Test
    void whatIsReplacedIsTakenUpOnce() throws IOException {
        CertificateWatch watch = watch();
        replace("site.crt");

        watch.look();
        watch.look();

        assertThat(reloads).isEqualTo(1);
        assertThat(kinds()).containsExactly("certificates-renewed");
        assertThat(events.since(0, 1).getFirst().subject()).isEqualTo("site.crt");
    }

    @Test
    void aCertificateWhoseKeyIsStillTheOldOneWaitsForIt() throws IOException {
        CertificateWatch watch = watch();
        replace("site.crt");
        usable = false;

        watch.look();
        watch.look();

        assertThat(reloads).isEqualTo(2);
        assertThat(kinds()).containsExactly("certificates-unusable");

        // When
        replace("site.key");
        usable = true;
        watch.look();
        watch.look();

        // Then
        assertThat(reloads).isEqualTo(3);
        assertThat(kinds()).containsExactly("certificates-renewed", "certificates-unusable");
        assertThat(events.since(0, 1).getFirst().subject()).isEqualTo("site.crt, site.key");
    }

    @Test
    void aFileThatIsGoneAndComesBackIsTakenUp() throws IOException {
        CertificateWatch watch = watch();
        usable = false;
        Files.delete(folder.resolve("site.key"));
        watch.look();

        Files.writeString(folder.resolve("site.key"), "another");
        usable = true;
        watch.look();

        assertThat(kinds()).containsExactly("certificates-renewed", "certificates-unusable");
    }

    private CertificateWatch watch() throws IOException {
        List<Path> files = List.of(folder.resolve("site.crt"), folder.resolve("site.key"));
        for (Path file : files) {
            Files.writeString(file, "first");
        }
        return new CertificateWatch(files, this::reload, events);
    }

    private void reload() {
        reloads++;
        if (!usable) {
            throw new IllegalArgumentException("key and certificate do not match");
        }
    }

    /** As it is done so that nobody reads half of it. */
    private void replace(String name) throws IOException {
        Path next = Files.writeString(folder.resolve("next"), "later");
        Files.move(next, folder.resolve(name), StandardCopyOption.ATOMIC_MOVE, StandardCopyOption.REPLACE_EXISTING);
    }

    /** The newest first. */
    private List<String> kinds() {
        return events.since(0, 10).stream().map(Event::kind).toList();
    }
}
