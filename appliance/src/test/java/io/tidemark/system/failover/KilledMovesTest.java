package io.tidemark.system.failover;

import com.fasterxml.jackson.databind.JsonNode;
import io.tidemark.resync.DirtyBlocks;
import io.tidemark.system.Api;
import io.tidemark.system.Await;
import io.tidemark.system.DiskSpec;
import io.tidemark.system.Lot;
import io.tidemark.system.Site;
import io.tidemark.system.SitePair;
import io.tidemark.system.Sites;
import java.io.UncheckedIOException;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.Set;
import java.util.TreeSet;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;
import java.util.stream.Stream;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.RegisterExtension;

/**
 * A VM moves to and fro between two sites, each move the failback of the one before, while one of them or both die at a
 * random moment of a step. Whatever it was, the operator asks again as the page says, nothing acknowledged is lost at the
 * site where the VM lives, and it can move on.
 *
 * <p>{@code -Dmoves.seed} repeats a run, as far as processes can be made to.
 */
final class KilledMovesTest {

    private static final DiskSpec DISK = DiskSpec.direct("system", 32);
    private static final String NOWHERE = "127.0.0.2:1";
    private static final int MOMENT_MILLIS_MAX = 600;
    private static final int BLOCKS = 40;
    private static final int BLOCKS_AT_FIRST = 200;
    private static final int MOVES_IN_CI = 2;

    /** What a move is at when somebody dies. */
    private enum Step {
        /** The source is asked to stop, and stops. */
        HANDOVER,
        /** The source cannot be reached: the VM is promoted, while the old source goes on writing. */
        PROMOTION,
        /** The two meet again: the old source is fenced, and told what differs. */
        MEETING,
        /** What differs is copied to the old source. */
        COPY_BACK,
        /** The old source has points again. */
        IN_STEP
    }

    private enum Victim {
        OLD_SOURCE,
        NEW_SOURCE,
        BOTH
    }

    private record Cell(Step step, Victim victim) {

        static List<Cell> all(Random random) {
            List<Cell> all = new ArrayList<>(Stream.of(Step.values())
                    .flatMap(step -> Stream.of(Victim.values()).map(victim -> new Cell(step, victim)))
                    .toList());
            Collections.shuffle(all, random);
            return all;
        }

        boolean isPlanned() {
            return step == Step.HANDOVER || step == Step.COPY_BACK;
        }
    }

    @RegisterExtension
    final Sites sites = new Sites();

    private final Random random = Lot.draw("moves.seed");
    private SitePair pair;
    private MovingDisk disk;
    private Site from;
    private Site to;
    private String uri;

    @BeforeEach
    void protect() {
        pair = sites.pair();
        from = pair.source();
        to = pair.replica();
        uri = pair.protect("shop", DISK);
        disk = new MovingDisk(DISK.sizeBytes(), sites.folder(), random);
        disk.write(uri, blocks(BLOCKS_AT_FIRST));
    }

    @Test
    @Tag("kill")
    void someStepsOutliveAKill() {
        Cell.all(random).subList(0, MOVES_IN_CI).forEach(this::move);
    }

    @Test
    @Tag("torture")
    void eachStepOutlivesAKillOfEachSite() {
        Cell.all(random).forEach(this::move);
    }

    private void move(Cell cell) {
        System.out.println(cell + " from " + from.name() + " to " + to.name());
        try {
            awaitInStep();
            Map<String, Object> request =
                    cell.isPlanned() ? Map.of("vm", "shop", "planned", true) : Map.of("vm", "shop");
            if (!cell.isPlanned()) {
                cut();
                MovingDisk lost = disk.fork(sites.folder());
                lost.write(uri, blocks(BLOCKS));
            }
            boolean inThePost = cell.step() == Step.HANDOVER || cell.step() == Step.PROMOTION;
            CompletableFuture<Void> asking = CompletableFuture.runAsync(() -> askOnce(request));
            if (inThePost) {
                strike(cell.victim());
            }
            asking.join();
            String old = uri;
            uri = askUntilPromoted(request);
            disk.assertIsAt(uri);
            disk.write(uri, blocks(BLOCKS));

            heal();
            if (cell.step() == Step.MEETING || cell.step() == Step.COPY_BACK) {
                strike(cell.victim());
            }
            Await.until("a fence at " + from.name(), () -> from.api().vm("shop").has("fenced"));
            MovingDisk.assertDead(old);
            disk.assertIsAt(uri);
            disk.write(uri, blocks(BLOCKS));
            awaitPointsAtTheOldSource();
            if (cell.step() == Step.IN_STEP) {
                strike(cell.victim());
                disk.assertIsAt(uri);
                disk.write(uri, blocks(BLOCKS));
            }
            turnRound();
        } catch (AssertionError | RuntimeException failure) {
            throw new AssertionError(cell + ": " + failure.getMessage(), failure);
        }
    }

    private void askOnce(Map<String, Object> request) {
        try {
            to.api().ask("POST", "/failovers", Api.json(request));
        } catch (UncheckedIOException died) {
            // in the middle
        }
    }

    /** As an operator does: it may have gone on, and if it was refused, or nothing is known of it, it is asked again. */
    private String askUntilPromoted(Map<String, Object> request) {
        Await.value(
                "a promotion at " + to.name(),
                () -> isSource(to)
                        ? "promoted"
                        : to.api().ask("POST", "/failovers", Api.json(request)).text(),
                said -> isSource(to));
        return to.api().get("/failovers/shop").path("disks").path(0).path("uri").asText();
    }

    private static boolean isSource(Site site) {
        JsonNode vm = site.api().vm("shop");
        return vm.path("role").asText().equals("source") && !vm.has("fenced");
    }

    /** A copy of everything takes the place of no fenced VM: somebody has to remove that first. */
    private void awaitPointsAtTheOldSource() {
        Await.until("what is copied back", () -> !copyBack().equals("undecided"));
        if (copyBack().equals("whole")) {
            System.out.println(
                    "everything is copied: " + to.api().get("/failovers/shop").path("copyBack"));
            from.api().delete("/vms/shop?confirm=shop");
        }
        Await.until(
                "points at " + from.name(),
                () -> !from.api().consistentPoints("shop").isEmpty());
    }

    private String copyBack() {
        return to.api().get("/failovers/shop").path("copyBack").path("kind").asText();
    }

    private void turnRound() {
        Site home = to;
        to = from;
        from = home;
    }

    /** All that was written is at the other site, in a point. */
    private void awaitInStep() {
        Await.until(
                "the other site in step",
                () -> from.api().disk("shop", "system").path("ship").asText().equals("full"));
        long appended = link().path("appended").asLong();
        Await.value(
                "all at " + to.name(),
                this::link,
                link -> link.path("replicated").asLong() >= appended);
        Api.Drill drill = to.api().drill("shop", "latest");
        disk.assertIsAt(drill.uri("system"));
        to.api().end(drill);
    }

    private JsonNode link() {
        return from.api().get("/peers/" + to.name()).path("link");
    }

    private void strike(Victim victim) {
        awaitSomeMoment();
        List<Site> victims =
                switch (victim) {
                    case OLD_SOURCE -> List.of(from);
                    case NEW_SOURCE -> List.of(to);
                    case BOTH -> random.nextBoolean() ? List.of(from, to) : List.of(to, from);
                };
        victims.forEach(Site::kill);
        victims.forEach(Site::start);
    }

    /** A moment has no condition: it is drawn by lot. */
    private void awaitSomeMoment() {
        long begin = System.nanoTime();
        long nanos = TimeUnit.MILLISECONDS.toNanos(random.nextInt(MOMENT_MILLIS_MAX));
        Await.until("a moment of the step", () -> System.nanoTime() - begin > nanos);
    }

    private void cut() {
        meetAt(NOWHERE, NOWHERE);
        Await.until("the end of the link", () -> !link().path("state").asText().equals("shipping"));
    }

    private void heal() {
        meetAt(from.linkAddress(), to.linkAddress());
    }

    private void meetAt(String ofFrom, String ofTo) {
        from.api().put("/peers/" + to.name(), Map.of("addresses", List.of(ofTo)));
        to.api().put("/peers/" + from.name(), Map.of("addresses", List.of(ofFrom)));
    }

    private Set<Integer> blocks(int count) {
        Set<Integer> blocks = new TreeSet<>();
        while (blocks.size() < count) {
            blocks.add(random.nextInt((int) (DISK.sizeBytes() / DirtyBlocks.BLOCK_BYTES)));
        }
        return blocks;
    }
}
