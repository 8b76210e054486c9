package io.tidemark.system.kill;

import static org.assertj.core.api.Assertions.assertThat;

import io.tidemark.system.Api;
import io.tidemark.system.Await;
import io.tidemark.system.DiskSpec;
import io.tidemark.system.Lot;
import io.tidemark.system.Site;
import io.tidemark.system.SitePair;
import io.tidemark.system.Sites;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.Map;
import java.util.Random;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.RegisterExtension;

/** The wall clocks of processes at work jump by hours, forth and back: labels follow, and nothing else does. */
@Tag("kill")
final class ClockJumpTest {

    private static final int WRITES = 60;
    private static final long WINDOW_MIB = 256; // more than is written
    private static final double RPO_SECONDS_MAX = 60;
    private static final Duration FORTH = Duration.ofHours(5);
    private static final Duration BACK = Duration.ofHours(-7);
    private static final Duration MINUTES = Duration.ofMinutes(10); // more than the test takes

    @RegisterExtension
    final Sites sites = new Sites();

    private final Random random = Lot.draw("kills.seed");
    private final ClientLog log = new ClientLog();
    private final List<WallClock> clocks = new ArrayList<>();

    @Test
    void jumpsChangeLabelsAndNothingElse() {
        SitePair pair = sites.pair(
                Map.of(
                        "TIDEMARK_LINK_PLAINTEXT_ON_LOOPBACK", // certificates may expire by wall time, and have to
                        "true",
                        "TIDEMARK_REPLICA_WINDOW_TIME",
                        "1h",
                        "TIDEMARK_REPLICA_WINDOW_BYTES",
                        WINDOW_MIB + "M"),
                this::giveClock);
        List<Load.Work> works = List.of(
                new Load.Work(DiskSpec.direct("system", 8), 1),
                new Load.Work(DiskSpec.direct("orders", 4).durable(), 1));
        Protected vm = new Protected(
                pair,
                works.stream().map(Load.Work::disk).toList(),
                log,
                sites.folder(),
                random,
                WINDOW_MIB * DiskSpec.MIB);
        Load load = new Load(works, vm.uris(), log, random);
        load.start();
        load.awaitFlushes(2);
        vm.awaitPoint();
        Instant begin = Instant.now();
        Api.Point first = pair.replica().api().consistentPoints("shop").getLast();

        // When
        jump(pair, load, FORTH, FORTH);
        vm.checkPoints(1);
        jump(pair, load, BACK, FORTH);
        jump(pair, load, BACK, BACK);
        vm.checkPoints(1);
        jump(pair, load, FORTH, BACK);
        jump(pair, load, Duration.ZERO, Duration.ZERO);
        load.stop();

        // Then
        vm.checkCaughtUp();
        vm.checkPoints(1);
        vm.checkLogs();
        List<Api.Point> points = pair.replica().api().points("shop");
        assertThat(points).contains(first);
        assertThat(points)
                .isSortedAccordingTo(Comparator.comparing(Api.Point::sequence).reversed());
        assertThat(points)
                .anyMatch(point -> point.time().isAfter(begin.plus(FORTH).minus(MINUTES)));
        assertThat(points)
                .anyMatch(point -> point.time().isBefore(begin.plus(BACK).plus(MINUTES)));
        assertThat(points.getFirst().time()).isBetween(begin.minus(MINUTES), begin.plus(MINUTES));
    }

    private void giveClock(Site site) {
        clocks.add(new WallClock(site, sites.folder()));
    }

    /** Under load: writes are acknowledged and become points, by the new time of the source, and nobody thinks that they waited. */
    private void jump(SitePair pair, Load load, Duration ofSource, Duration ofReplica) {
        clocks.getFirst().set(ofSource);
        clocks.getLast().set(ofReplica);
        load.awaitWrites(WRITES);
        Instant around = Instant.now().plus(ofSource);
        Await.until("a point by the new time", () -> pair.replica().api().consistentPoints("shop").stream()
                .limit(1)
                .anyMatch(point -> point.time().isAfter(around.minus(MINUTES))
                        && point.time().isBefore(around.plus(MINUTES))));
        assertThat(pair.source().api().vm("shop").path("rpoSeconds").asDouble()).isBetween(0.0, RPO_SECONDS_MAX);
        load.awaitWrites(WRITES);
    }
}
