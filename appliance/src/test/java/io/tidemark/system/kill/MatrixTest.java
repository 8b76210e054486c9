package io.tidemark.system.kill;

import io.tidemark.system.DiskSpec;
import io.tidemark.system.Lot;
import io.tidemark.system.SitePair;
import io.tidemark.system.Sites;
import java.util.List;
import java.util.Map;
import java.util.Random;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.RegisterExtension;

/**
 * SIGKILL and SIGSTOP of the source, the replica and both, whatever they are at. After each, disks and points are compared
 * with what the client knows. Some disks acknowledge what is journaled, some what is durable.
 *
 * <p>{@code -Dkills.seed} repeats a run, as far as processes can be made to; {@code -Dmatrix.rounds} says how often the long
 * form plays each cell.
 */
final class MatrixTest {

    private static final int ROUNDS = Integer.getInteger("matrix.rounds", 1);
    private static final int POINTS_AT_THE_END = 20;
    private static final long WINDOW_MIB = 48;

    @RegisterExtension
    final Sites sites = new Sites();

    private final Random random = Lot.draw("kills.seed");
    private final ClientLog log = new ClientLog();
    private Protected vm;
    private Load load;
    private Scenes scenes;
    private Strikes strikes;

    @BeforeEach
    void protect() {
        SitePair pair = sites.pair(
                Map.of("TIDEMARK_JOURNAL_SEGMENT_BYTES", "8M", "TIDEMARK_REPLICA_WINDOW_BYTES", WINDOW_MIB + "M"));
        List<Load.Work> works = List.of(
                new Load.Work(DiskSpec.direct("system", 8), 1),
                new Load.Work(DiskSpec.direct("orders", 4).durable(), 2),
                new Load.Work(DiskSpec.direct("stock", 4), 1));
        List<DiskSpec> disks = works.stream().map(Load.Work::disk).toList();
        vm = new Protected(pair, disks, log, sites.folder(), random, WINDOW_MIB * DiskSpec.MIB);
        load = new Load(works, vm.uris(), log, random);
        scenes = new Scenes(pair, vm, load, log, sites.folder(), random);
        strikes = new Strikes(pair, load, random);
        load.start();
        load.awaitFlushes(1);
        vm.awaitPoint();
    }

    @Test
    @Tag("kill")
    void eachPhaseOutlivesSomeFault() {
        Cell.sample(random).forEach(this::play);
        checkTheEnd();
    }

    @Test
    @Tag("torture")
    void eachPhaseOutlivesEachFaultOfEachSite() {
        for (int round = 0; round < ROUNDS; round++) {
            Cell.all(random).forEach(this::play);
        }
        checkTheEnd();
    }

    private void play(Cell cell) {
        System.out.println(cell);
        try {
            Scene scene = scenes.of(cell.phase());
            scene.enter();
            strikes.strike(cell);
            if (!load.isRunning()) {
                vm.checkSource();
            }
            scene.leave(cell);
            vm.checkPoints(1);
            if (!load.isRunning()) {
                vm.checkCaughtUp();
                load.start();
            }
        } catch (AssertionError | RuntimeException failure) {
            throw new AssertionError(cell + ": " + failure.getMessage(), failure);
        }
    }

    private void checkTheEnd() {
        load.awaitWrites(1);
        load.stop();
        vm.checkCaughtUp();
        vm.checkPoints(POINTS_AT_THE_END);
        vm.checkLogs();
    }
}
