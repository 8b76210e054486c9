package io.tidemark.system;

import static org.assertj.core.api.Assertions.assertThat;

import io.tidemark.system.NbdConnection.Command;
import io.tidemark.system.proxy.LinkProxy;
import java.io.IOException;
import java.net.URI;
import java.time.Duration;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.Random;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.Semaphore;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.RegisterExtension;

/** A VM that writes more than the link carries, and one that matters more: the second has points, and the first is whole in the end. */
@Tag("clients")
final class PriorityTest {

    private static final int MIB = 1 << 20;
    private static final int DISK_MIB = 48;
    private static final long SLOW_BYTES_PER_SECOND = 2 * MIB;

    /** MiB that the busy VM may write each time the other has written a block: more than the link carries in that time. */
    private static final int WRITTEN_A_ROUND = 6;

    @RegisterExtension
    static final Sites SITES = new Sites();

    private final Random random = new Random(3);
    private final Semaphore rounds = new Semaphore(0);
    private volatile boolean ended;

    @Test
    void whoMattersMoreHasPointsWhileTheOtherIsHeldBackAndCopiedLater() throws Exception {
        SitePair pair = SITES.pair(Map.of(
                "TIDEMARK_SHIP_HOLD_BACK_AFTER", "1s",
                "TIDEMARK_SHIP_RECOVERY_DELAY", "10m",
                "TIDEMARK_JOURNAL_SEGMENT_BYTES", "8M",
                "TIDEMARK_REPLICA_CREDIT", "8M"));
        try (LinkProxy proxy = new LinkProxy(Site.HOST, pair.replica().linkAddress(), random)) {
            pair.shipBy(proxy.address());
            String shop = protect(pair, "shop", "high");
            String backup = protect(pair, "backup", "low");
            pair.protect(
                    "backup", DiskSpec.direct("disk", DISK_MIB)); // as somebody does who knows nothing of priorities
            pair.awaitReplicated();

            // When the link is slow, and the one writes much more than it carries
            proxy.slow(SLOW_BYTES_PER_SECOND, Duration.ofMillis(5));
            CompletableFuture<Void> busy = CompletableFuture.runAsync(
                    () -> writeMuch(backup), run -> Thread.ofPlatform().daemon().start(run));
            try (NbdConnection client = new NbdConnection(URI.create(shop))) {
                Await.until("the one that is held back", () -> {
                    writeLittle(client);
                    return rung(pair, "backup").equals("tracking");
                });

                // Then the other goes on having points, though the one goes on, too
                assertThat(rung(pair, "shop")).isNotEqualTo("tracking");
                writeLittle(client);
                long now = pair.link().path("appended").asLong();
                Await.until("a point of what matters more", () -> {
                    writeLittle(client);
                    return pair.replica()
                                    .api()
                                    .consistentPoints("shop")
                                    .getFirst()
                                    .sequence()
                            >= now;
                });
                assertThat(rung(pair, "backup")).isEqualTo("tracking");
                assertThat(pair.replica().api().points("backup")).anyMatch(point -> !point.consistent());
            }

            // When the source dies, with changes that are in no bitmap
            ended = true;
            rounds.release();
            busy.join();
            pair.source().kill();
            pair.source().start();
            proxy.heal();

            // Then what it had left out is copied
            Await.until("both in step", () -> inStep(pair, "backup") && inStep(pair, "shop"));
            pair.assertSameAtBothSites("backup");
            pair.assertSameAtBothSites("shop");
        }
    }

    private static String protect(SitePair pair, String vm, String priority) {
        Map<String, Object> request = new LinkedHashMap<>(pair.request(vm, DiskSpec.direct("disk", DISK_MIB)));
        request.put("priority", priority);
        assertThat(pair.source()
                        .api()
                        .put("/vms/" + vm, request)
                        .path("priority")
                        .asText())
                .isEqualTo(priority);
        return pair.source().api().disk(vm, "disk").path("uri").asText();
    }

    private void writeLittle(NbdConnection client) {
        try {
            client.run(Command.WRITE, 4096L * random.nextInt(256), 4096, bytes(4096));
            client.run(Command.FLUSH, 0, 0);
        } catch (IOException lost) {
            throw new AssertionError("the disk that matters", lost);
        }
        rounds.release();
    }

    private void writeMuch(String uri) {
        try (NbdConnection client = new NbdConnection(URI.create(uri))) {
            for (int at = 0; !ended; at = (at + 1) % DISK_MIB) {
                if (at % WRITTEN_A_ROUND == 0) {
                    rounds.acquireUninterruptibly();
                }
                client.run(Command.WRITE, (long) at * MIB, MIB, bytes(MIB));
            }
            client.run(Command.FLUSH, 0, 0);
        } catch (IOException lost) {
            throw new AssertionError("the busy disk", lost);
        }
    }

    private byte[] bytes(int count) {
        byte[] bytes = new byte[count];
        synchronized (random) {
            random.nextBytes(bytes);
        }
        return bytes;
    }

    private static String rung(SitePair pair, String vm) {
        return pair.source().api().disk(vm, "disk").path("rung").path("step").asText();
    }

    private static boolean inStep(SitePair pair, String vm) {
        return pair.source().api().disk(vm, "disk").path("ship").asText().equals("full");
    }
}
