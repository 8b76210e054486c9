package io.tidemark.system;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.net.Socket;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.function.Consumer;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.RegisterExtension;
import org.junit.jupiter.api.io.TempDir;

/** The socket for NBD belongs to somebody who outlives the appliance: who connects while there is none waits, and is not refused. */
@Tag("clients")
final class SocketActivationTest {

    private static final String GREETING = "NBDMAGIC";
    private static final int PATIENCE_MILLIS = 120_000;
    private static final int RECONNECT_SECONDS = 120;
    private static final long SOME_BLOCKS = 128;

    @RegisterExtension
    static final Sites SITES = new Sites();

    @SuppressWarnings("NullAway.Init")
    private static SocketHolder holder;

    @SuppressWarnings("NullAway.Init")
    private static SitePair pair;

    @TempDir
    @SuppressWarnings("NullAway.Init") // JUnit does that
    private Path folder;

    @BeforeAll
    static void startSites() {
        holder = new SocketHolder(SITES.folder());
        pair = SITES.pair(Map.of(), site -> {
            if (site.name().equals("north")) {
                site.startBy(holder.starter());
            }
        });
    }

    @AfterAll
    static void letTheSocketGo() {
        holder.close();
    }

    @Test
    void aGuestGoesOnAfterAStopAndAStart() throws IOException {
        goesOnAfter("SIGTERM", Site::stop);
    }

    @Test
    void aGuestGoesOnAfterAKillAndAStart() throws IOException {
        goesOnAfter("SIGKILL", Site::kill);
    }

    @Test
    void saysWhichPortItWasGivenWhateverTheSettingsSay() {
        // Given, when
        Site north = pair.source();

        // Then
        assertThat(north.nbdPort()).isEqualTo(holder.address().getPort());
        assertThat(north.ownLog()).contains("tidemark.nbd.listen does not count");
        assertThat(pair.protect("told", DiskSpec.direct("disk", 1)))
                .startsWith("nbd://" + Site.HOST + ":" + holder.address().getPort() + "/");
    }

    @Test
    void aDescriptorThatIsNotThereFailsTheStart() {
        // Given
        Site site = SITES.site("deceived", Map.of());
        site.startBy(List.of("/bin/sh", "-c", "LISTEN_PID=$$ LISTEN_FDS=1 exec \"$0\""));

        // When, then
        assertThat(site.failToStart()).contains("cannot listen on inherited descriptor 3");
    }

    private void goesOnAfter(String how, Consumer<Site> end) throws IOException {
        // Given a guest whose host connects again when it has to
        Site north = pair.source();
        String vm = how.toLowerCase(Locale.ROOT);
        String uri = pair.protect(vm, DiskSpec.direct("disk", 512));
        long last;
        try (QemuSource host = new QemuSource(pair, vm, "disk", folder)) {
            host.connect(RECONNECT_SECONDS).giveToGuest(QemuSource.OURS);
            try (Writer guest = new Writer(host.guestUri(), folder.resolve("stop"))) {
                guest.awaitProgress(SOME_BLOCKS);

                // When
                end.accept(north);
                try (Socket meanwhile = new Socket(Site.HOST, holder.address().getPort())) {
                    north.start();

                    // Then nobody was refused, and each is served
                    meanwhile.setSoTimeout(PATIENCE_MILLIS);
                    byte[] greeting = meanwhile.getInputStream().readNBytes(GREETING.length());
                    assertThat(new String(greeting, StandardCharsets.US_ASCII)).isEqualTo(GREETING);
                }
                guest.awaitProgress(SOME_BLOCKS);
                last = guest.stop();
                System.out.printf("%s: the guest's longest round took %.2f s%n", how, guest.longestRoundSeconds());
            }
        }
        Writer.assertHolds(uri, last);
        pair.assertSameAtBothSites(vm);
    }
}
