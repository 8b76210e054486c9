package io.tidemark.system.kill;

import io.tidemark.system.Await;
import io.tidemark.system.DiskSpec;
import io.tidemark.system.Lot;
import io.tidemark.system.Site;
import io.tidemark.system.SitePair;
import io.tidemark.system.Sites;
import io.tidemark.system.proxy.LinkProxy;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Random;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.RegisterExtension;

/**
 * Everything that can happen to the link, under load: the client is never held up (I5), nothing is lost or torn (I3), and
 * once the path is good again all of it gets through (I9).
 *
 * <p>{@code -Dkills.seed} repeats a run, as far as processes can be made to; {@code -Dlink.rounds} makes it longer.
 */
@SuppressWarnings("NullAway.Init") // each test says how it protects its VM
final class LinkFaultTest {

    private static final List<LinkFault> FAULTS = List.of(LinkFault.values());
    private static final int WRITES_MAX = 200;
    private static final int ROUNDS = Integer.getInteger("link.rounds", 20);
    private static final int POINTS_AT_THE_END = 20;
    private static final long WINDOW_MIB = 48;

    @RegisterExtension
    final Sites sites = new Sites();

    private final Random random = Lot.draw("kills.seed");
    private final ClientLog log = new ClientLog();
    private SitePair pair;
    private LinkProxy path;
    private Protected vm;
    private Load load;

    @AfterEach
    void closeThePath() {
        path.close();
    }

    /** Nothing but our own checksums guards what is on the way. */
    @Test
    @Tag("kill")
    void eachFaultOfAPlaintextLinkIsNothingTheClientSeesAndLosesNothing() {
        protect(Map.of("TIDEMARK_LINK_PLAINTEXT_ON_LOOPBACK", "true"));
        for (LinkFault fault : FAULTS) {
            suffer(fault);
        }
        checkTheEnd();
    }

    @Test
    @Tag("kill")
    void aChangedBitAndAPeerThatVanishedAreFoundUnderTls() {
        protect(Map.of());
        suffer(LinkFault.FORTH_CORRUPTED);
        path.vanish();
        Await.until("the end of a silent session", () -> !isConnected());
        suffer(LinkFault.HALF_OPEN);
        checkTheEnd();
        vm.checkLogs();
    }

    @Test
    @Tag("torture")
    void faultsInAnyOrderUnderTls() {
        protect(Map.of());
        sufferMany();
    }

    @Test
    @Tag("torture")
    void faultsInAnyOrderInPlaintext() {
        protect(Map.of("TIDEMARK_LINK_PLAINTEXT_ON_LOOPBACK", "true"));
        sufferMany();
    }

    private void protect(Map<String, String> more) {
        Map<String, String> settings = new HashMap<>(
                Map.of("TIDEMARK_JOURNAL_SEGMENT_BYTES", "8M", "TIDEMARK_REPLICA_WINDOW_BYTES", WINDOW_MIB + "M"));
        settings.putAll(more);
        pair = sites.pair(settings);
        path = new LinkProxy(Site.HOST, pair.replica().linkAddress(), new Random(random.nextLong()));
        pair.shipBy(path.address());
        List<Load.Work> works = List.of(
                new Load.Work(DiskSpec.direct("system", 8), 1),
                new Load.Work(DiskSpec.direct("orders", 4).durable(), 2),
                new Load.Work(DiskSpec.direct("stock", 4), 1));
        List<DiskSpec> disks = works.stream().map(Load.Work::disk).toList();
        vm = new Protected(pair, disks, log, sites.folder(), random, WINDOW_MIB * DiskSpec.MIB);
        load = new Load(works, vm.uris(), log, random);
        load.start();
        load.awaitWrites(WRITES_MAX);
    }

    private void sufferMany() {
        for (int round = 0; round < ROUNDS; round++) {
            LinkFault fault = FAULTS.get(random.nextInt(FAULTS.size()));
            System.out.println("round " + round + ": " + fault);
            suffer(fault);
        }
        checkTheEnd();
    }

    private void suffer(LinkFault fault) {
        int connections = path.accepted();
        long corrupted = path.corrupted();
        fault.strike(path);
        load.awaitWrites(1 + random.nextInt(WRITES_MAX));
        load.awaitFlushes(1);
        if (fault == LinkFault.FORTH_CORRUPTED) {
            Await.until("a bit that was changed", () -> path.corrupted() > corrupted);
            Await.until("a new session", () -> path.accepted() > connections);
        }
        path.heal();
        awaitCaughtUp(fault);
        vm.checkPoints(1);
    }

    /** All there was when the path was good again is at the replica in the end, though the client goes on. */
    private void awaitCaughtUp(LinkFault fault) {
        long appended = pair.link().path("appended").asLong();
        Await.value(
                "what was left over by " + fault,
                pair::link,
                link -> link.path("replicated").asLong() >= appended);
    }

    private boolean isConnected() {
        return pair.link().path("state").asText().equals("shipping");
    }

    private void checkTheEnd() {
        load.awaitWrites(WRITES_MAX);
        load.stop();
        vm.checkCaughtUp();
        vm.checkPoints(POINTS_AT_THE_END);
    }
}
