package io.tidemark.system.kill;

import io.tidemark.system.Await;
import io.tidemark.system.Site;
import io.tidemark.system.SitePair;
import java.util.List;
import java.util.Random;
import java.util.concurrent.TimeUnit;

/** Lets faults of the matrix happen to processes under load. */
final class Strikes {

    private static final int START_MILLIS_MAX = 2500;
    private static final int FREEZE_MILLIS_MAX = 1500;
    private static final int WRITES_MEANWHILE = 50;

    private final SitePair pair;
    private final Load load;
    private final Random random;

    Strikes(SitePair pair, Load load, Random random) {
        this.pair = pair;
        this.load = load;
        this.random = random;
    }

    /** Strikes now; all processes are up when this returns. A client of a killed source is gone, any other goes on. */
    void strike(Cell cell) {
        List<Site> victims =
                switch (cell.victim()) {
                    case SOURCE -> List.of(pair.source());
                    case REPLICA -> List.of(pair.replica());
                    case BOTH -> List.of(pair.replica(), pair.source());
                };
        if (cell.phase() == Cell.Phase.RECOVERING) {
            kill(victims, cell);
            victims.forEach(Site::launch);
            awaitSomeMoment(START_MILLIS_MAX);
        }
        switch (cell.fault()) {
            case KILL -> killAndStart(victims, cell);
            case FREEZE -> freezeAndThaw(victims, cell);
        }
    }

    private void killAndStart(List<Site> victims, Cell cell) {
        kill(victims, cell);
        checkThatClientsGoOn(cell);
        victims.forEach(Site::launch);
        victims.forEach(Site::awaitReady);
    }

    private void freezeAndThaw(List<Site> victims, Cell cell) {
        victims.forEach(Site::freeze);
        awaitSomeMoment(FREEZE_MILLIS_MAX);
        checkThatClientsGoOn(cell);
        victims.forEach(Site::thaw);
        victims.forEach(Site::awaitReady);
    }

    private void kill(List<Site> victims, Cell cell) {
        victims.forEach(Site::kill);
        if (cell.victim().hasSource()) {
            load.awaitBroken();
        }
    }

    /** Nothing that happens to the replica stalls a guest (I5): its writes and flushes go on meanwhile. */
    private void checkThatClientsGoOn(Cell cell) {
        if (!cell.victim().hasSource() && load.isRunning()) {
            load.awaitWrites(WRITES_MEANWHILE);
            load.awaitFlushes(2);
        }
    }

    /** A moment has no condition: it is drawn by lot. */
    private void awaitSomeMoment(int millisMax) {
        long begin = System.nanoTime();
        long nanos = TimeUnit.MILLISECONDS.toNanos(random.nextInt(millisMax));
        Await.until("a moment", () -> System.nanoTime() - begin > nanos);
    }
}
