package io.tidemark.system.kill;

import static org.assertj.core.api.Assertions.assertThat;

import io.tidemark.system.Await;
import io.tidemark.system.DiskSpec;
import io.tidemark.system.Site;
import io.tidemark.system.SitePair;
import io.tidemark.system.Sites;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.function.Consumer;

/** Two sites with little room, each where a test has put its data directory, and a guest at work on a VM between them. */
final class BusyPair {

    /**
     * What a journal may take, and what the replica keeps points for.
     *
     * @param backlogMaxPercent of the quota, behind which a backlog is given up; at 100 nothing is given up, a full journal refuses
     */
    record Room(long quotaMib, long windowMib, int backlogMaxPercent) {}

    private static final int WRITES = 100;
    private static final int POINTS = 2;

    final SitePair sites;
    final ClientLog log = new ClientLog();
    final Protected vm;
    final Load load;

    /**
     * Starts both sites and protects the VM; its guest does not write yet.
     *
     * @param place puts the data directory of a site, before its start, where it is to be
     */
    BusyPair(Sites sites, Room room, List<Load.Work> works, Random random, Consumer<Site> place) {
        this.sites = sites.pair(settings(room), place);
        vm = new Protected(
                this.sites,
                works.stream().map(Load.Work::disk).toList(),
                log,
                sites.folder(),
                random,
                room.windowMib() * DiskSpec.MIB);
        load = new Load(works, vm.uris(), log, random);
    }

    Site source() {
        return sites.source();
    }

    Site replica() {
        return sites.replica();
    }

    /** The guest begins, and there is a first point. */
    void begin() {
        load.start();
        load.awaitWrites(WRITES);
        vm.awaitPoint();
    }

    /** What is said of a site's health. */
    static String health(Site site) {
        return site.api().ask("GET", "/q/health/ready", "").text();
    }

    /** Returns when a site says so of its health. */
    static void awaitWord(Site site, String word) {
        Await.value("a word of site " + site.name(), () -> health(site), said -> said.contains(word));
    }

    /** Returns when no site complains of a want of space. */
    void awaitWell() {
        awaitWell(source());
        awaitWell(replica());
    }

    static void awaitWell(Site site) {
        Await.value(
                "health of " + site.name(),
                () -> health(site),
                said -> !said.contains("is full")
                        && !said.contains("no space")
                        && !said.contains("No space")
                        && !said.contains("refuses writes"));
    }

    /** There is room again: all writes again, all is shipped, nobody complains, and everything compares. The guest stops then. */
    void goOn() {
        load.awaitWrites(WRITES);
        awaitWell();
        long refused = log.refusedWrites();
        load.awaitWrites(WRITES);
        assertThat(log.refusedWrites()).isEqualTo(refused);
        load.stop();
        vm.checkCaughtUp();
        vm.checkPoints(POINTS);
    }

    private static Map<String, String> settings(Room room) {
        Map<String, String> settings = new HashMap<>();
        settings.put("TIDEMARK_JOURNAL_SEGMENT_BYTES", "8M");
        settings.put("TIDEMARK_JOURNAL_QUOTA", room.quotaMib() + "M");
        settings.put("TIDEMARK_JOURNAL_RESERVE", "16M");
        settings.put("TIDEMARK_SHIP_BACKLOG_MAX_PERCENT", Integer.toString(room.backlogMaxPercent()));
        settings.put("TIDEMARK_REPLICA_KEEP_LAST_POINT_ALWAYS", Boolean.toString(room.backlogMaxPercent() == 100));
        settings.put("TIDEMARK_VOLUME_FORCE_INTERVAL", "500ms");
        settings.put("TIDEMARK_REPLICA_WINDOW_BYTES", room.windowMib() + "M");
        return settings;
    }
}
