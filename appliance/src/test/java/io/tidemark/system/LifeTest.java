package io.tidemark.system;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.stream.Collectors;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.RegisterExtension;

/** Starts and stops of the appliance while clients write. */
@Tag("clients")
final class LifeTest {

    private static final DiskSpec DISK = DiskSpec.direct("disk", 512);
    private static final long SOME_BLOCKS = 256;

    @RegisterExtension
    static final Sites SITES = new Sites();

    @SuppressWarnings("NullAway.Init")
    private static SitePair pair;

    @BeforeAll
    static void startSites() {
        pair = SITES.pair(Map.of("TIDEMARK_INTAKE_CUT_INTERVAL", "1h"));
    }

    @BeforeEach
    void startWhatIsDown() {
        pair.startWhatIsDown();
    }

    @Test
    void aDiskComesBackAtTheOtherSiteThroughStopsAndKillsOfBoth() {
        // Given
        String uri = pair.protect("shop", DiskSpec.direct("orders", 64));
        Nbd.qemuIo(uri, "write -P 1 0 1M", "flush");

        // When
        pair.source().stop();
        pair.source().start();
        Nbd.qemuIo(uri, "read -P 1 0 1M", "write -P 2 1M 1M", "flush");
        pair.replica().kill();
        Nbd.qemuIo(uri, "write -P 3 2M 1M", "flush");
        pair.source().kill();
        pair.replica().start();
        pair.source().start();
        Nbd.qemuIo(uri, "read -P 3 2M 1M", "write -P 4 3M 1M", "flush");
        pair.awaitReplicated();
        pair.source().kill();

        // Then
        Api.Drill drill = pair.replica().api().drill("shop", "latest");
        Nbd.qemuIo(drill.uri("orders"), "read -P 1 0 1M", "read -P 2 1M 1M", "read -P 3 2M 1M", "read -P 4 3M 1M");
        assertThat(drill.definition()).contains("shop");
    }

    @Test
    void aGracefulStopUnderLoadTellsClientsAndTheNextStartGoesOnWithoutAResync() {
        // Given
        String uri = pair.protect("busy", DISK);
        long flushed;
        try (Writer writer = new Writer(uri, SITES.folder().resolve("stop"))) {
            writer.awaitProgress(SOME_BLOCKS);

            // When
            pair.source().stop();

            // Then the client does not wait for ever, and what it was promised is there
            writer.awaitFailure();
            flushed = writer.flushed();
        }
        Set<Long> points = sequences(pair, "busy");
        long received = received(pair);
        pair.source().start();
        Writer.assertHolds(uri, flushed);
        assertThat(pair.source()
                        .api()
                        .disk("busy", "disk")
                        .path("intake")
                        .path("state")
                        .asText())
                .isEqualTo("in-sync");
        assertThat(pair.source().api().disk("busy", "disk").path("ship").asText())
                .isEqualTo("full");
        assertThat(pair.source().api().events())
                .noneMatch(event -> event.path("kind").asText().equals("stream-state"));

        // Then the other site goes on from what it had
        pair.awaitReplicated();
        assertThat(sequences(pair, "busy")).containsAll(points);
        assertThat(received(pair)).isGreaterThanOrEqualTo(received);
        Nbd.qemuIo(uri, "write -P 1 0 4k", "flush");
        pair.assertSameAtBothSites("busy");
    }

    @Test
    void stopsAndKillsOfTheReplicaUnderLoadAreNothingTheWriterSeesAndLoseNothing() {
        // Given
        String uri = pair.protect("steady", DISK);
        long last;
        Set<Long> early;
        try (Writer writer = new Writer(uri, SITES.folder().resolve("stop"))) {
            writer.awaitProgress(SOME_BLOCKS);
            pair.awaitReplicated();
            early = sequences(pair, "steady");

            // When
            pair.replica().stop();
            writer.awaitProgress(SOME_BLOCKS);
            Await.until("a site that says it is degraded", () -> health(pair).contains("\"state\":\"degraded\""));
            assertThat(health(pair)).contains("\"status\":\"UP\"", "journaltosouth:");
            pair.replica().start();
            writer.awaitProgress(SOME_BLOCKS);
            pair.replica().kill();
            writer.awaitProgress(SOME_BLOCKS);
            pair.replica().start();
            last = writer.stop();
        }
        pair.awaitReplicated();

        // Then every flush is a point, those of before too
        assertThat(sequences(pair, "steady")).containsAll(early);
        List<Api.Point> points = pair.replica().api().consistentPoints("steady");
        assertThat(points.stream().filter(point -> point.kind().equals("flush")).count())
                .isEqualTo(last / Writer.ROUND);
        assertThat(pair.replica().api().points("steady")).allMatch(Api.Point::consistent);
        Api.Drill drill = pair.replica().api().drill("steady", "latest");
        Writer.assertHolds(drill.uri("disk"), last);
        pair.assertSameAtBothSites("steady");
    }

    @Test
    void whatIsNoSettingFailsTheStartWithItsName() {
        // Given
        Site unknown = SITES.site("unknown", Map.of("TIDEMARK_NBD_LISTNE", "127.0.0.1:1"));
        Site wrong = SITES.site("wrong", Map.of("TIDEMARK_NBD_THREADS", "0"));
        Site missing = SITES.site("missing", Map.of("TIDEMARK_NBD_TLS", "required"));

        // Then
        assertThat(unknown.failToStart()).contains("no such setting: TIDEMARK_NBD_LISTNE");
        assertThat(wrong.failToStart()).contains("tidemark.nbd.threads");
        assertThat(missing.failToStart()).contains("tidemark.nbd.tls needs tidemark.nbd.certificates.certificate");
    }

    @Test
    void aDataDirectoryHasOneApplianceAndTheStartSaysWhoCanReachIt() {
        // Given
        Site second = SITES.site(
                "second", Map.of("TIDEMARK_DATA_DIRECTORY", pair.source().data().toString()));

        // When
        String said = second.failToStart();

        // Then
        assertThat(said).contains("is used by another appliance that is running");
        assertThat(pair.source().ownLog())
                .containsPattern("listening for NBD on .*, loopback only: other machines cannot reach it")
                .containsPattern("listening for peers on .*, loopback only: other machines cannot reach it");
    }

    private static String health(SitePair pair) {
        return pair.source().api().ask("GET", "/q/health/ready", "").text().replace(" ", "");
    }

    private static long received(SitePair pair) {
        return pair.replica()
                .api()
                .get("/site")
                .path("replicas")
                .path(0)
                .path("received")
                .asLong();
    }

    private static Set<Long> sequences(SitePair pair, String vm) {
        return pair.replica().api().consistentPoints(vm).stream()
                .map(Api.Point::sequence)
                .collect(Collectors.toSet());
    }
}
