package io.tidemark.system.failover;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import io.tidemark.system.Api;
import io.tidemark.system.Await;
import io.tidemark.system.DiskSpec;
import io.tidemark.system.Lot;
import io.tidemark.system.Site;
import io.tidemark.system.SitePair;
import io.tidemark.system.Sites;
import java.io.UncheckedIOException;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.RegisterExtension;

/** A VM changes its site: with its source dead, alive or cut off, and with the site it moves to dying on the way. */
@Tag("kill")
final class FailoverTest {

    private static final DiskSpec DISK = DiskSpec.direct("system", 16);
    private static final String NOWHERE = "127.0.0.2:1";
    private static final int KILLS = Integer.getInteger("failover.kills", 1);
    private static final int KILL_MILLIS_MAX = 400;

    @RegisterExtension
    final Sites sites = new Sites();

    private final Random random = Lot.draw("failover.seed");
    private SitePair pair;

    @BeforeEach
    void start() {
        pair = sites.pair();
    }

    @Test
    void theVmGoesOnWhereItsPointWasAndTheOldSourceIsFencedWhenItIsBack() {
        String there = pair.protect("shop", DISK);
        MovingDisk disk = disk();
        disk.change(there, 60);
        pair.awaitReplicated();
        cut();
        MovingDisk lost = disk.fork(sites.folder());
        lost.change(there, 30);
        pair.source().kill();

        // When
        JsonNode failover = failOver("shop", Map.of("vm", "shop"));
        String here = uri(failover);

        // Then
        disk.assertIsAt(here);
        disk.change(here, 30);
        disk.assertIsAt(here);

        // When: killed while, and after, what it was promoted from is copied
        killPromoted();
        disk.assertIsAt(here);
        disk.change(here, 30);
        awaitPlain("shop");
        killPromoted();

        // Then
        disk.assertIsAt(here);
        assertThat(pair.replica().api().get("/failovers/shop").path("stage").asText())
                .isEqualTo("plain");

        // When: the old source is back, and hears of it
        pair.source().start();
        heal();
        awaitFenced(pair.source(), "shop", true);

        // Then: both histories are what they were
        MovingDisk.assertDead(there);
        lost.assertIsAt(there);
        assertThat(pair.source().api().events())
                .anyMatch(event -> event.path("kind").asText().equals("vm-fenced")
                        && event.path("message").asText().contains("bytes of changes"));
        pair.awaitReplicated();
        disk.change(here, 10);
        disk.assertIsAt(here);

        // When
        pair.source().kill();
        pair.source().start();

        // Then
        MovingDisk.assertDead(there);
        lost.assertIsAt(there);
    }

    @Test
    void killsOfTheNewSourceInAnyStepLoseNothing() {
        for (int i = 0; i < KILLS; i++) {
            String vm = "shop" + i;
            String there = pair.protect(vm, DISK);
            MovingDisk disk = disk();
            disk.change(there, 40);
            pair.awaitReplicated();

            // When: it dies somewhere on the way
            CompletableFuture<Void> asking = CompletableFuture.runAsync(() -> {
                try {
                    failOver(vm, Map.of("vm", vm));
                } catch (UncheckedIOException | AssertionError died) {
                    // it did, in the middle
                }
            });
            awaitSomeMoment();
            pair.replica().kill();
            asking.join();
            pair.replica().start();

            // Then: it has gone on, or has not begun
            Api api = pair.replica().api();
            boolean begun = api.ask("GET", "/failovers/" + vm, "").isOk();
            String here = uri(begun ? api.get("/failovers/" + vm) : failOver(vm, Map.of("vm", vm)));
            disk.assertIsAt(here);
            disk.change(here, 20);
            killPromoted();
            disk.assertIsAt(here);
            disk.change(here, 20);
            disk.assertIsAt(here);
            awaitFenced(pair.source(), vm, true);
        }
    }

    @Test
    void aPlannedFailoverStopsTheSourceAndLosesNothing() {
        String there = pair.protect("shop", DISK);
        MovingDisk disk = disk();
        disk.change(there, 40);
        pair.awaitReplicated();
        CompletableFuture<Integer> guest = CompletableFuture.supplyAsync(() -> disk.changeUntilDead(there));

        // When
        String here = uri(failOver("shop", Map.of("vm", "shop", "planned", true)));

        // Then: everything that was acknowledged is there
        assertThat(guest.join()).isPositive();
        disk.assertIsAt(here);
        disk.change(here, 20);
        disk.assertIsAt(here);
        awaitFenced(pair.source(), "shop", true);
        MovingDisk.assertDead(there);
    }

    @Test
    void aVmComesBackToWhereItWas() {
        String there = pair.protect("shop", DISK);
        MovingDisk disk = disk();
        disk.change(there, 40);
        pair.awaitReplicated();
        String here = uri(failOver("shop", Map.of("vm", "shop", "planned", true)));
        disk.change(here, 30);
        awaitFenced(pair.source(), "shop", true);
        Api north = pair.source().api();
        north.delete("/vms/shop?confirm=shop");
        Await.until("the copy back", () -> !north.consistentPoints("shop").isEmpty());

        // When
        JsonNode back = north.post("/failovers", Map.of("vm", "shop", "planned", true));

        // Then
        assertThat(uri(back)).isEqualTo(there);
        disk.assertIsAt(there);
        disk.change(there, 30);
        disk.assertIsAt(there);
        MovingDisk.assertDead(here);
        assertThat(back.path("term").asLong()).isEqualTo(2);

        // When
        pair.source().kill();
        pair.source().start();

        // Then
        disk.assertIsAt(there);

        // When: what the other site has of it is in step again
        pair.replica().api().delete("/vms/shop?confirm=shop");
        Await.until("the copy there", () -> pair.source()
                .api()
                .disk("shop", "system")
                .path("ship")
                .asText()
                .equals("full"));
        disk.change(there, 10);
        pair.awaitReplicated();

        // Then
        disk.assertIsAt(uri(failOver("shop", Map.of("vm", "shop", "planned", true))));
    }

    @Test
    void aPlannedFailoverWithoutItsSourceChangesNothing() {
        String there = pair.protect("shop", DISK);
        MovingDisk disk = disk();
        disk.change(there, 20);
        pair.awaitReplicated();
        cut();

        // When
        Api.Answer answer = pair.replica().api().ask("POST", "/failovers", "{\"vm\": \"shop\", \"planned\": true}");

        // Then
        assertThat(answer.status()).isEqualTo(409);
        disk.change(there, 20);
        disk.assertIsAt(there);
    }

    @Test
    void twoSitesThatWereBothMadeTheSourceBothStopUntilAPersonDecides() {
        String there = pair.protect("shop", DISK);
        MovingDisk north = disk();
        north.change(there, 40);
        pair.awaitReplicated();
        cut();
        MovingDisk south = north.fork(sites.folder());

        // When: each is told to be the source, and then they meet
        pair.source().api().post("/vms/shop/claim?confirm=shop", Map.of());
        north.change(there, 20);
        String here = uri(failOver("shop", Map.of("vm", "shop")));
        south.change(here, 20);
        heal();
        awaitFenced(pair.source(), "shop", true);
        awaitFenced(pair.replica(), "shop", true);

        // Then: none goes on, and none has lost anything
        MovingDisk.assertDead(there);
        MovingDisk.assertDead(here);
        north.assertIsAt(there);
        south.assertIsAt(here);
        Await.until("the meter of the fence", () -> pair.source()
                .api()
                .meter("tidemark_vm_fenced", "shop")
                .filter(value -> value == 1)
                .isPresent());

        // When: both die, and somebody decides
        killPromoted();
        MovingDisk.assertDead(here);
        pair.replica().api().post("/vms/shop/claim?confirm=shop", Map.of());
        awaitFenced(pair.replica(), "shop", false);

        // Then
        south.change(here, 20);
        south.assertIsAt(here);
        Await.value(
                "the loss at the other site",
                () -> pair.source()
                        .api()
                        .vm("shop")
                        .path("fenced")
                        .path("reason")
                        .asText(),
                reason -> reason.contains("south is its source, in term 2"));
        north.assertIsAt(there);
    }

    private MovingDisk disk() {
        return new MovingDisk(DISK.sizeBytes(), sites.folder(), random);
    }

    private JsonNode failOver(String vm, Map<String, Object> request) {
        JsonNode answer = pair.replica().api().post("/failovers", request);
        assertThat(answer.path("name").asText()).isEqualTo(vm);
        return answer;
    }

    private static String uri(JsonNode failover) {
        return failover.path("disks").path(0).path("uri").asText();
    }

    private void killPromoted() {
        pair.replica().kill();
        pair.replica().start();
    }

    private void awaitPlain(String vm) {
        Await.value(
                "the copy of what " + vm + " was promoted from",
                () -> pair.replica().api().get("/failovers/" + vm).path("stage").asText(),
                "plain"::equals);
    }

    private static void awaitFenced(Site site, String vm, boolean fenced) {
        Await.until("a fence at " + site.name(), () -> site.api().vm(vm).has("fenced") == fenced);
    }

    /** The sites cannot reach each other any more. */
    private void cut() {
        pair.shipBy(NOWHERE);
        pair.replica().api().put("/peers/" + pair.source().name(), Map.of("addresses", List.of(NOWHERE)));
        Await.until(
                "the end of the link", () -> !pair.link().path("state").asText().equals("shipping"));
    }

    private void heal() {
        pair.shipBy(pair.replica().linkAddress());
        pair.replica()
                .api()
                .put(
                        "/peers/" + pair.source().name(),
                        Map.of("addresses", List.of(pair.source().linkAddress())));
    }

    /** A moment has no condition: it is drawn by lot. */
    private void awaitSomeMoment() {
        long begin = System.nanoTime();
        long nanos = TimeUnit.MILLISECONDS.toNanos(random.nextInt(KILL_MILLIS_MAX));
        Await.until("a moment of the failover", () -> System.nanoTime() - begin > nanos);
    }
}
