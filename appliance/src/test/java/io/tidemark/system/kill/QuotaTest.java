package io.tidemark.system.kill;

import static org.assertj.core.api.Assertions.assertThat;

import io.tidemark.system.Api;
import io.tidemark.system.Await;
import io.tidemark.system.DiskSpec;
import io.tidemark.system.Lot;
import io.tidemark.system.Site;
import io.tidemark.system.Sites;
import java.util.ArrayList;
import java.util.List;
import java.util.Random;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.RegisterExtension;

/**
 * Journals at their quota, at the replica because a drill keeps a point, and then at the source because it cannot ship; and sites
 * that are stopped in good order and started while they are full. Nothing is lost, health says why, and all goes on when there
 * is room.
 *
 * <p>{@code -Dkills.seed} repeats a run, as far as processes can be made to.
 */
@Tag("kill")
@SuppressWarnings("NullAway.Init") // made before each test
final class QuotaTest {

    private static final int WRITES = 20;
    private static final BusyPair.Room ROOM = new BusyPair.Room(56, 16, 100);
    private static final long DISK_BYTES = 256 << 20;
    private static final String QUOTA = "it has reached its quota of 58720256 bytes";

    @RegisterExtension
    final Sites sites = new Sites();

    private final Random random = Lot.draw("kills.seed");
    private final List<SmallDisk> disks = new ArrayList<>();
    private BusyPair busy;

    @BeforeEach
    void protect() {
        List<Load.Work> works = List.of(
                new Load.Work(DiskSpec.direct("system", 8), 2),
                new Load.Work(DiskSpec.direct("orders", 4).durable(), 1));
        busy = new BusyPair(sites, ROOM, works, random, this::place);
        busy.load.thatMayBeRefused();
        busy.begin();
    }

    @AfterEach
    void unmount() {
        disks.forEach(SmallDisk::close);
    }

    @Test
    void fullJournalsAndFullDisksAreLivedThrough() {
        Api.Drill drill = busy.vm.drill();

        // When: the drill keeps its point, and the guest goes on
        BusyPair.awaitWord(busy.replica(), "the journal is full and takes no ranges: " + QUOTA);
        BusyPair.awaitWord(busy.source(), "the replica's journal is full: " + QUOTA);
        awaitRefusals();
        BusyPair.awaitWord(busy.source(), "the journal is full and refuses writes: " + QUOTA);

        // Then
        assertThat(freeBytes(busy.source())).isGreaterThan(DISK_BYTES / 4); // it was not the disk
        busy.load.stop();
        busy.vm.checkPoints(1);

        // When: it stops in good order and starts
        restart(busy.source());

        // Then
        BusyPair.awaitWord(busy.source(), "the replica's journal is full: " + QUOTA);
        busy.vm.checkSource();

        // When
        busy.replica().api().end(drill);
        busy.load.start();

        // Then
        busy.goOn();

        // When: disks are full, and the sites stop in good order and start
        disks.forEach(SmallDisk::fill);
        busy.load.start();
        awaitRefusals();
        busy.load.stop();
        disks.forEach(SmallDisk::fill);
        restart(busy.source(), busy.replica());
        busy.vm.checkSource();
        disks.forEach(SmallDisk::clear);

        // Then
        busy.load.start();
        busy.goOn();
        busy.vm.checkLogs();
    }

    private void place(Site site) {
        disks.add(new SmallDisk(site, Machine.FileSystem.EXT4, DISK_BYTES, sites.folder()));
    }

    private void awaitRefusals() {
        long refused = busy.log.refusedWrites();
        Await.until("refused writes", () -> busy.log.refusedWrites() > refused + WRITES);
    }

    private static void restart(Site... full) {
        List<Site> all = List.of(full);
        all.forEach(Site::terminate);
        all.forEach(Site::awaitStop);
        all.forEach(Site::launch);
        all.forEach(Site::awaitReady);
    }

    private static long freeBytes(Site site) {
        return site.data().toFile().getUsableSpace();
    }
}
