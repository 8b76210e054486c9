package io.tidemark.system.kill;

import static org.assertj.core.api.Assertions.assertThat;

import io.tidemark.system.Api;
import io.tidemark.system.Await;
import io.tidemark.system.DiskSpec;
import io.tidemark.system.Lot;
import io.tidemark.system.Nbd;
import io.tidemark.system.NbdConnection;
import io.tidemark.system.NbdConnection.Command;
import io.tidemark.system.SitePair;
import io.tidemark.system.Sites;
import java.io.IOException;
import java.net.URI;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Random;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.RegisterExtension;

/**
 * File systems that are full to the last block, under load: nobody dies of it, nothing is lost or torn, health says why, and
 * everything goes on by itself when space is back (I1, I3, I5, I6, I7).
 *
 * <p>{@code -Dkills.seed} repeats a run, as far as processes can be made to; {@code -Dfull.rounds} makes the long ones longer.
 */
@SuppressWarnings("NullAway.Init") // each test says which disks are small
final class FullSiteTest {

    private static final int ROUNDS = Integer.getInteger("full.rounds", 20);
    private static final int WRITES = 100;
    private static final int POINTS = 2;
    private static final BusyPair.Room ROOM = new BusyPair.Room(1024, 32, 100);
    private static final long EXT4_BYTES = 256 << 20;
    private static final long ROOM_FOR_A_SEGMENT = 29 << 20; // behind the reserve, and less than twice the reserve
    private static final long HUGE_MIB =
            6L << 20; // more than a file may have on the small disk, whose blocks are small
    private static final long XFS_BYTES = 384 << 20;

    @RegisterExtension
    final Sites sites = new Sites();

    private final Random random = Lot.draw("kills.seed");
    private final List<SmallDisk> disks = new ArrayList<>();
    private BusyPair busy;
    private SitePair pair;
    private Protected vm;
    private ClientLog log;
    private Load load;

    @AfterEach
    void unmount() {
        disks.forEach(SmallDisk::close);
    }

    @Test
    @Tag("kill")
    void aFullSourceRefusesAndGoesOnByItself() throws IOException {
        protect(Machine.FileSystem.EXT4, EXT4_BYTES, List.of("north"));
        FanoutClient fanout = new FanoutClient(pair, "mirror");
        fanout.write();

        // When
        fillTheSource();
        fanout.writeUntilRefused();

        // Then
        assertThat(fanout.state()).isEqualTo("suspect");
        assertThat(BusyPair.health(pair.source())).contains("the journal is full and refuses writes");
        assertThat(pair.source().api().meter("tidemark_refused_total"))
                .hasValueSatisfying(refused -> assertThat(refused).isPositive());
        checkRegistrations();
        fanout.checkSource();

        // When
        disks.getFirst().clear();

        // Then
        busy.goOn();
        fanout.write();
        fanout.checkReplica();

        // When: it dies and starts on a full disk
        load.start();
        fillTheSource();
        pair.source().kill();
        load.awaitBroken();
        disks.getFirst().fill();
        pair.source().start();
        disks.getFirst().clear();

        // Then
        BusyPair.awaitWell(pair.source());
        vm.checkSource();
        load.start();
        busy.goOn();
        fanout.close();
    }

    @Test
    @Tag("kill")
    void aFullReplicaTakesNothingMoreAndGoesOnByItself() {
        protect(Machine.FileSystem.EXT4, EXT4_BYTES, List.of("south"));
        checkADiskThatDoesNotFit();

        // When
        fillTheReplica();

        // Then: guests do not notice, and what is offered is exact
        load.awaitWrites(WRITES);
        vm.checkPoints(POINTS);
        Api.Drill drill = vm.drill();
        assertThat(isRefusedSpace(drill.uri("system"))).isTrue();

        // When
        disks.getFirst().clear();

        // Then
        busy.goOn();

        // When: there is room for the journal, and no more than that
        disks.getFirst().fillLeaving(ROOM_FOR_A_SEGMENT);

        // Then: a drill leaves it to the journal
        assertThat(isRefusedSpace(drill.uri("system"))).isTrue();
        load.start();
        load.awaitWrites(WRITES);
        load.stop();
        vm.checkCaughtUp();
        pair.replica().api().end(drill);
        disks.getFirst().clear();

        // When: it dies and starts on a full disk
        load.start();
        fillTheReplica();
        pair.replica().kill();
        load.awaitWrites(1);
        load.stop();
        disks.getFirst().fill();
        pair.replica().start();
        disks.getFirst().clear();

        // Then
        BusyPair.awaitWell(pair.replica());
        vm.checkPoints(POINTS);
        load.start();
        busy.goOn();
    }

    @Test
    @Tag("torture")
    void disksOfBothSitesFillUpInAnyOrderOnExt4() {
        sufferMany(Machine.FileSystem.EXT4, EXT4_BYTES);
    }

    @Test
    @Tag("torture")
    void disksOfBothSitesFillUpInAnyOrderOnXfs() {
        sufferMany(Machine.FileSystem.XFS, XFS_BYTES);
    }

    private void sufferMany(Machine.FileSystem kind, long bytes) {
        protect(kind, bytes, List.of("north", "south"));
        for (int round = 1; round <= ROUNDS; round++) {
            SmallDisk victim = disks.get(random.nextInt(disks.size()));
            long left = random.nextInt(4) == 0 ? random.nextInt(64 << 20) : 0;
            victim.fillLeaving(left);
            for (int i = random.nextInt(4); i >= 0; i--) {
                long asked = log.acknowledgedWrites() + log.refusedWrites();
                Await.until("answers", () -> log.acknowledgedWrites() + log.refusedWrites() > asked + WRITES);
                victim.fillLeaving(left);
            }
            disks.forEach(SmallDisk::clear);
            busy.goOn();
            load.start();
            System.out.println(round + " full disks");
        }
        load.stop();
        vm.checkLogs();
    }

    private void protect(Machine.FileSystem kind, long bytes, List<String> small) {
        List<Load.Work> works = List.of(
                new Load.Work(DiskSpec.direct("system", 8), 1),
                new Load.Work(DiskSpec.direct("orders", 4).durable(), 1));
        busy = new BusyPair(sites, ROOM, works, random, site -> {
            if (small.contains(site.name())) {
                disks.add(new SmallDisk(site, kind, bytes, sites.folder()));
            }
        });
        pair = busy.sites;
        vm = busy.vm;
        log = busy.log;
        load = busy.load.thatMayBeRefused();
        busy.begin();
    }

    private void fillTheSource() {
        long refused = log.refusedWrites();
        Await.until("refused writes", () -> {
            disks.getFirst().fill();
            return log.refusedWrites() > refused + WRITES;
        });
        Await.until("a word of it", () -> BusyPair.health(pair.source())
                .contains("the journal is full and refuses writes"));
    }

    private void fillTheReplica() {
        Await.until("a full replica", () -> {
            disks.getFirst().fill();
            return BusyPair.health(pair.replica()).contains("the journal is full and takes no ranges");
        });
        Await.until("a word of it at the source", () -> BusyPair.health(pair.source())
                .contains("the replica's journal is full"));
    }

    /** A disk that the replica's file system cannot hold is named there, and stops nobody else. */
    private void checkADiskThatDoesNotFit() {
        String uri = pair.protect("huge", DiskSpec.direct("disk", HUGE_MIB));
        Nbd.qemuIo(uri, "write -P 7 1T 64k", "flush");
        Await.until("a word of the huge disk", () -> BusyPair.health(pair.replica())
                .contains("does not fit the file system"));
        pair.awaitReplicated();
        Await.until("a point of it", () -> !pair.replica().api().points("huge").isEmpty());
        assertThat(pair.replica().api().consistentPoints("huge")).isEmpty();
    }

    /** What an operator asks for now is done, or refused with a reason; nothing is done by half. */
    private void checkRegistrations() {
        Api api = pair.source().api();
        Map<String, Object> asked = Map.of(
                "/peers/third",
                Map.of("addresses", List.of()),
                "/vms/late",
                pair.request("late", DiskSpec.direct("d", 1)));
        asked.forEach((path, body) -> {
            Api.Answer answer = api.ask("PUT", path, Api.json(body));
            assertThat(api.ask("GET", path, "").isOk())
                    .as("%s: %s", path, answer)
                    .isEqualTo(answer.isOk());
            if (!answer.isOk()) {
                assertThat(answer.text()).contains("No space left");
            }
        });
    }

    private static boolean isRefusedSpace(String uri) {
        try (NbdConnection client = new NbdConnection(URI.create(uri))) {
            client.ask(Command.WRITE, 1, 0, Image.BLOCK_BYTES, new byte[Image.BLOCK_BYTES]);
            client.send();
            return client.anyAnswer().isNoSpace();
        } catch (IOException e) {
            throw new java.io.UncheckedIOException(e);
        }
    }
}
