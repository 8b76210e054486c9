package io.tidemark.system.kill;

import static org.assertj.core.api.Assertions.assertThat;

import io.tidemark.system.DiskSpec;
import io.tidemark.system.Lot;
import io.tidemark.system.SitePair;
import io.tidemark.system.Sites;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.util.List;
import java.util.Random;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.RegisterExtension;

/**
 * Power cuts at random moments under load, with disks that lose and reorder what was not flushed: every flush that a client saw
 * answered is there (I1), the journals go on from a prefix (I2), and the points at the other site are what the client knows (I3).
 *
 * <p>{@code -Dcuts.seed} repeats a run, as far as processes can be made to.
 */
@Tag("kill")
final class PowerCutTest {

    private static final int CUTS = 3;
    private static final int CUTS_OF_A_LONG_RUN = Integer.getInteger("cuts", 100);
    private static final int WRITES_MAX = 400;
    private static final int POINTS_AT_THE_END = 10;
    private static final BusyPair.Room ROOM = new BusyPair.Room(160, 48, 100);

    @RegisterExtension
    final Sites sites = new Sites();

    private final Random random = Lot.draw("cuts.seed");
    private final Machines machines = new Machines(sites, random);
    private SitePair pair;
    private Protected vm;
    private Load load;
    private Clerk atSource;
    private Clerk atReplica;
    private String identity;

    @BeforeEach
    void protect() {
        List<Load.Work> works = List.of(
                new Load.Work(DiskSpec.direct("system", 8), 1),
                new Load.Work(DiskSpec.direct("orders", 4), 2),
                new Load.Work(DiskSpec.direct("stock", 4), 2));
        BusyPair busy = machines.start(ROOM, works);
        pair = busy.sites;
        vm = busy.vm;
        load = busy.load;
        atSource = Clerk.atSource(pair);
        atReplica = Clerk.atReplica(pair);
        identity = identities();
        start();
    }

    @AfterEach
    void turnOff() {
        machines.close();
    }

    @Test
    void aFewPowerCutsLoseNothingThatWasPromised() {
        cutTheSource();
        cutTheReplica();
        cutBoth();
        checkTheEnd();
    }

    @Test
    @Tag("torture")
    void manyPowerCutsLoseNothingThatWasPromised() {
        for (int cut = 1; cut <= CUTS_OF_A_LONG_RUN; cut++) {
            switch (random.nextInt(CUTS)) {
                case 0 -> cutTheSource();
                case 1 -> cutTheReplica();
                default -> cutBoth();
            }
            System.out.println(cut + " power cuts");
        }
        checkTheEnd();
    }

    private void cutTheSource() {
        awaitWrites();
        machines.source().cutPower();
        load.awaitBroken();
        atReplica.stop();
        bringBack(machines.source());
        goOn();
    }

    /** Nobody at the source is held up by it. */
    private void cutTheReplica() {
        awaitWrites();
        machines.replica().cutPower();
        awaitWrites();
        load.stop(); // a start takes as long as it takes, and the source has room for so much only
        atSource.stop();
        atReplica.stop();
        bringBack(machines.replica());
        vm.checkPoints(2);
        atSource.check();
        atReplica.check();
        start();
    }

    private void cutBoth() {
        awaitWrites();
        machines.source().cutPower();
        machines.replica().cutPower();
        load.awaitBroken();
        bringBack(machines.replica());
        bringBack(machines.source());
        goOn();
    }

    private void goOn() {
        atSource.stop();
        atReplica.stop();
        vm.checkSourceAfterPowerCut();
        vm.checkCaughtUp();
        vm.checkPoints(1);
        atSource.check();
        atReplica.check();
        start();
    }

    private void checkTheEnd() {
        awaitWrites();
        load.stop();
        atSource.stop();
        atReplica.stop();
        vm.checkCaughtUp();
        vm.checkPoints(POINTS_AT_THE_END);
        vm.checkLogs();
    }

    private void start() {
        load.start();
        atSource.start();
        atReplica.start();
    }

    private void bringBack(Machine machine) {
        machine.bringBack();
        if (machines.areRunning()) {
            assertThat(identities()).isEqualTo(identity);
        }
    }

    private void awaitWrites() {
        load.awaitWrites(1 + random.nextInt(WRITES_MAX));
    }

    /** Who the sites are: given once and never again. */
    private String identities() {
        try {
            return Files.readString(pair.source().data().resolve("site.json"))
                    + Files.readString(pair.replica().data().resolve("site.json"));
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }
}
