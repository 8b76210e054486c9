package io.tidemark.system.kill;

import io.tidemark.system.Api;
import io.tidemark.system.Await;
import io.tidemark.system.DiskSpec;
import io.tidemark.system.Lot;
import io.tidemark.system.Site;
import io.tidemark.system.SitePair;
import io.tidemark.system.Sites;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.RegisterExtension;

/**
 * Kills -9 at random moments under load, five of each process in CI. After each, the disks and the recovery points are compared
 * with what the client knows.
 *
 * <p>{@code -Dkills.seed} repeats a run, as far as processes can be made to; {@code -Dkills} sets how many.
 */
@Tag("kill")
final class KillTest {

    private static final int KILLS = Integer.getInteger("kills", 5);
    private static final int WRITES_MAX = 400;
    private static final int START_MILLIS_MAX = 3000;
    private static final int POINTS_AT_THE_END = 30;
    private static final long WINDOW_MIB = 48;

    @RegisterExtension
    final Sites sites = new Sites();

    private final Random random = Lot.draw("kills.seed");
    private final ClientLog log = new ClientLog();
    private SitePair pair;
    private Protected vm;
    private Load load;

    @BeforeEach
    void protect() {
        pair = sites.pair(Map.of(
                "TIDEMARK_JOURNAL_SEGMENT_BYTES", "8M",
                "TIDEMARK_SHIP_BACKLOG_MAX_PERCENT", "100", // no point may go
                "TIDEMARK_REPLICA_WINDOW_BYTES", WINDOW_MIB + "M"));
        List<Load.Work> works = List.of(
                new Load.Work(DiskSpec.direct("system", 8), 1),
                new Load.Work(DiskSpec.direct("orders", 4), 2),
                new Load.Work(DiskSpec.direct("stock", 4), 2));
        List<DiskSpec> disks = works.stream().map(Load.Work::disk).toList();
        vm = new Protected(pair, disks, log, sites.folder(), random, WINDOW_MIB * DiskSpec.MIB);
        load = new Load(works, vm.uris(), log, random);
        load.start();
    }

    @Test
    void killsOfTheSourceLoseNothingAcknowledged() {
        for (int kills = 0; kills < KILLS; ) {
            load.awaitWrites(1 + random.nextInt(WRITES_MAX));
            pair.source().kill();
            load.awaitBroken();
            kills += 1 + start(pair.source());
            vm.checkSource();
            vm.checkCaughtUp();
            vm.checkPoints(1);
            load.start();
        }
        checkTheEnd();
    }

    @Test
    void killsOfTheReplicaLoseNoPointAndHoldNobodyUp() {
        for (int kills = 0; kills < KILLS; ) {
            load.awaitWrites(1 + random.nextInt(WRITES_MAX));
            if (random.nextInt(4) == 0) {
                useADrill();
            }
            pair.replica().kill();
            load.awaitWrites(1 + random.nextInt(WRITES_MAX));
            kills += 1 + start(pair.replica());
            vm.checkPoints(2);
        }
        checkTheEnd();
    }

    @Test
    void killsOfBothAtOnceLoseNothingAcknowledgedAndNoPoint() {
        for (int round = 0; round < KILLS / 5; round++) {
            load.awaitWrites(1 + random.nextInt(WRITES_MAX));
            pair.source().kill();
            pair.replica().kill();
            load.awaitBroken();
            start(pair.replica());
            start(pair.source());
            vm.checkSource();
            vm.checkPoints(1);
            load.start();
        }
        checkTheEnd();
    }

    /** Starts a site, after it was killed in some of its starts; how many. */
    private int start(Site site) {
        int kills = 0;
        while (random.nextInt(3) == 0) {
            site.launch();
            awaitSomeMomentOfTheStart();
            site.kill();
            kills++;
        }
        site.start();
        return kills;
    }

    /** A moment has no condition: it is drawn by lot. */
    private void awaitSomeMomentOfTheStart() {
        long begin = System.nanoTime();
        long nanos = TimeUnit.MILLISECONDS.toNanos(random.nextInt(START_MILLIS_MAX));
        Await.until("a moment of the start", () -> System.nanoTime() - begin > nanos);
    }

    private void useADrill() {
        vm.awaitPoint();
        Api.Drill drill = vm.drill();
        io.tidemark.system.Nbd.qemuIo(drill.uri("stock"), "write -P 7 0 1M", "read -P 7 0 1M");
    }

    private void checkTheEnd() {
        load.awaitWrites(WRITES_MAX);
        load.stop();
        vm.checkCaughtUp();
        vm.checkPoints(POINTS_AT_THE_END);
        vm.checkLogs();
    }
}
