package io.tidemark.system.kill;

import static org.assertj.core.api.Assertions.assertThat;

import io.tidemark.system.Await;
import io.tidemark.system.DiskSpec;
import io.tidemark.system.Lot;
import io.tidemark.system.Sites;
import java.util.List;
import java.util.Random;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.RegisterExtension;

/**
 * Power cuts while a replica that was away for long is brought up to date: of the source while it tracks what the replica
 * lacks, then of the source, the replica or both while that is copied. Disks lose and reorder what was not flushed. No block is
 * forgotten: what was flushed is at the source, and in the end at the replica (I1, I3, I7, I8).
 *
 * <p>{@code -Dcuts.seed} repeats a run, as far as processes can be made to; {@code -Dresync.rounds} sets how many.
 */
@Tag("torture")
final class ResyncPowerCutTest {

    private static final int ROUNDS = Integer.getInteger("resync.rounds", 6);
    private static final int CUTS = 3;
    private static final int WRITES_MAX = 400;
    private static final int MOMENT_MILLIS_MAX = 500;
    private static final int POINTS_AT_THE_END = 10;
    private static final BusyPair.Room ROOM = new BusyPair.Room(256, 48, 12);

    @RegisterExtension
    final Sites sites = new Sites();

    private final Random random = Lot.draw("cuts.seed");
    private final Machines machines = new Machines(sites, random);
    private Protected vm;
    private Load load;
    private int cutWhileCopying;

    @BeforeEach
    void protect() {
        List<Load.Work> works = List.of(
                new Load.Work(DiskSpec.direct("system", 16), 1),
                new Load.Work(DiskSpec.direct("orders", 8), 2),
                new Load.Work(DiskSpec.direct("stock", 8), 2));
        BusyPair busy = machines.start(ROOM, works);
        vm = busy.vm.thatMayBeCopied();
        load = busy.load;
        busy.begin();
    }

    @AfterEach
    void turnOff() {
        machines.close();
    }

    @Test
    void noBlockIsForgottenWhateverLosesItsPower() {
        for (int round = 1; round <= ROUNDS; round++) {
            vm.checkPoints(1);
            machines.replica().cutPower();
            awaitTracked();
            if (random.nextInt(3) > 0) {
                cutTheSource();
                load.start();
                load.awaitWrites(1 + random.nextInt(WRITES_MAX));
                assertThat(vm.isShippedInFull()).isFalse();
            }
            machines.replica().bringBack();
            for (int cut = random.nextInt(CUTS); cut >= 0; cut--) {
                awaitSomeMomentOfTheCopy();
                cutWhileCopying += vm.isCopying() ? 1 : 0;
                cutSomebody();
            }
            checkTheEnd();
            load.start();
            System.out.printf("%d rounds, %d power cuts in copies%n", round, cutWhileCopying);
        }
        load.stop();
        vm.checkLogs();
        assertThat(cutWhileCopying).isPositive();
    }

    private void awaitTracked() {
        Await.until("the end of the journal's patience", () -> {
            load.awaitWrites(1);
            return !vm.isShippedInFull();
        });
    }

    private void cutSomebody() {
        switch (random.nextInt(CUTS)) {
            case 0 -> cutTheSource();
            case 1 -> {
                machines.replica().cutPower();
                machines.replica().bringBack();
                load.stop();
            }
            default -> {
                machines.replica().cutPower();
                cutTheSource();
                machines.replica().bringBack();
            }
        }
        load.start();
    }

    private void cutTheSource() {
        machines.source().cutPower();
        load.awaitBroken();
        machines.source().bringBack();
        vm.checkSourceAloneAfterPowerCut();
    }

    /** A moment has no condition: it is drawn by lot. The copy may be over by then. */
    private void awaitSomeMomentOfTheCopy() {
        Await.until("a copy", () -> vm.isCopying() || vm.isShippedInFull());
        long begin = System.nanoTime();
        long nanos = TimeUnit.MILLISECONDS.toNanos(random.nextInt(MOMENT_MILLIS_MAX));
        Await.until("a moment of the copy", () -> System.nanoTime() - begin > nanos);
    }

    private void checkTheEnd() {
        Await.until("the end of the copy", vm::isShippedInFull);
        load.awaitWrites(1 + random.nextInt(WRITES_MAX));
        load.stop();
        vm.checkCaughtUp();
        vm.checkPoints(POINTS_AT_THE_END);
    }
}
