package io.tidemark.system.failover;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import io.tidemark.resync.DirtyBlocks;
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
import java.util.Set;
import java.util.TreeSet;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.RegisterExtension;

/** A VM comes back to the site that it was promoted away from, with no more on the link than what differs. */
@Tag("kill")
final class FailbackTest {

    private static final DiskSpec DISK = DiskSpec.direct("system", 64);
    private static final String NOWHERE = "127.0.0.2:1";
    private static final double MORE_THAN_DIFFERS = 1.10;
    private static final int BEFORE = 300;
    private static final int NORTH_ALONE = 24;
    private static final int SOUTH_ALONE = 40;

    @RegisterExtension
    final Sites sites = new Sites();

    private final Random random = Lot.draw("failback.seed");
    private SitePair pair;
    private Site north;
    private Site south;

    @BeforeEach
    void start() {
        pair = sites.pair();
        north = pair.source();
        south = pair.replica();
    }

    @Test
    void bothSitesHaveWrittenAndOnlyThatIsShippedBackAndBackAgain() {
        String there = pair.protect("shop", DISK);
        MovingDisk disk = new MovingDisk(DISK.sizeBytes(), sites.folder(), random);
        disk.write(there, blocks(BEFORE));
        pair.awaitReplicated();

        // Given: the source is cut off, and both live on
        cut();
        MovingDisk lost = disk.fork(sites.folder());
        Set<Integer> differ = blocks(NORTH_ALONE);
        lost.write(there, differ);
        String here = uri(south.api().post("/failovers", Map.of("vm", "shop")));
        Set<Integer> written = blocks(SOUTH_ALONE);
        disk.write(here, written);
        differ.addAll(written);

        // When
        heal();

        // Then: until the VM has points where it was, no more was shipped than what differs
        Await.until(
                "points at the old site",
                () -> !north.api().consistentPoints("shop").isEmpty());
        lost.assertIsAt(there); // nothing of the fenced history is touched
        assertDrillIs(disk);
        assertShipped(south, north, 0, written, differ);
        assertThat(copyBack(south)).isEqualTo("difference");

        // When: it goes home
        String home = uri(north.api().post("/failovers", Map.of("vm", "shop", "planned", true)));

        // Then
        disk.assertIsAt(home);
        MovingDisk.assertDead(here);

        // When: the other direction begins
        long before = shipped(north, south);
        Set<Integer> more = blocks(SOUTH_ALONE);
        disk.write(home, more);
        Await.until(
                "the other site in step",
                () -> north.api().disk("shop", "system").path("ship").asText().equals("full"));
        pair.awaitReplicated();

        // Then: with what is there, too
        assertThat(copyBack(north)).isEqualTo("difference");
        pair.assertSameAtBothSites("shop");
        assertShipped(north, south, before, more, more);

        // When
        killBoth();

        // Then
        disk.assertIsAt(home);
        disk.assertIsAt(uri(south.api().post("/failovers", Map.of("vm", "shop", "planned", true))));
    }

    private void killBoth() {
        north.kill();
        south.kill();
        north.start();
        south.start();
        Await.until("the link", () -> pair.link().path("state").asText().equals("shipping"));
    }

    private void assertDrillIs(MovingDisk disk) {
        long appended = link(south, north).path("appended").asLong();
        Await.value(
                "all at the old site",
                () -> link(south, north),
                link -> link.path("replicated").asLong() >= appended);
        Api.Drill drill = north.api().drill("shop", "latest");
        disk.assertIsAt(drill.uri("system"));
        north.api().end(drill);
    }

    /** Blocks that read as zeroes cost no bytes. The meter is sampled once a second, and looked at a while after the last bytes. */
    private static void assertShipped(Site from, Site to, long before, Set<Integer> written, Set<Integer> differ) {
        long shipped = Await.value(
                "the meter of what was shipped", () -> shipped(from, to) - before, bytes -> bytes >= bytes(written));
        assertThat(shipped).isLessThan((long) (bytes(differ) * MORE_THAN_DIFFERS));
    }

    private static long bytes(Set<Integer> blocks) {
        return (long) blocks.size() * DirtyBlocks.BLOCK_BYTES;
    }

    private static long shipped(Site from, Site to) {
        return Await.present("the meter of the link", () -> from.api().meter("tidemark_link_shipped_bytes", to.name()))
                .longValue();
    }

    private static String copyBack(Site site) {
        return site.api().get("/failovers/shop").path("copyBack").path("kind").asText();
    }

    private static JsonNode link(Site from, Site to) {
        return from.api().get("/peers/" + to.name()).path("link");
    }

    private static String uri(JsonNode failover) {
        return failover.path("disks").path(0).path("uri").asText();
    }

    private Set<Integer> blocks(int count) {
        Set<Integer> blocks = new TreeSet<>();
        while (blocks.size() < count) {
            blocks.add(random.nextInt((int) (DISK.sizeBytes() / DirtyBlocks.BLOCK_BYTES)));
        }
        return blocks;
    }

    private void cut() {
        pair.shipBy(NOWHERE);
        south.api().put("/peers/" + north.name(), Map.of("addresses", List.of(NOWHERE)));
        Await.until(
                "the end of the link", () -> !pair.link().path("state").asText().equals("shipping"));
    }

    private void heal() {
        pair.shipBy(south.linkAddress());
        south.api().put("/peers/" + north.name(), Map.of("addresses", List.of(north.linkAddress())));
    }
}
