package io.tidemark.system.kill;

import static org.assertj.core.api.Assertions.assertThat;

import io.tidemark.system.DiskSpec;
import io.tidemark.system.Site;
import io.tidemark.system.SitePair;
import io.tidemark.system.Sites;
import io.tidemark.system.proxy.LinkProxy;
import java.net.URI;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.Map;
import java.util.Random;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.RegisterExtension;

/**
 * The WAN never stalls a guest (I5), in numbers: the worst journaled write of rounds in which the link or the replica fails, compared with
 * that of rounds in which nothing does.
 *
 * <p>A single worst value is the machine's as much as ours. So each round with a fault has one without just before it, and what counts is
 * the median of the differences of these pairs: a stall that a fault causes is in each of its rounds, one of the machine is not.
 *
 * <p>{@code -Dstall.rounds} says how many pairs each fault has.
 */
@Tag("torture")
final class StallTest {

    /** What a fault beyond the source may add to the worst write of a guest. */
    private static final Duration STALL_MAX = Duration.ofMillis(50);

    private static final int ROUNDS = Integer.getInteger("stall.rounds", 7);
    private static final DiskSpec DISK = DiskSpec.direct("disk", 64);

    @RegisterExtension
    final Sites sites = new Sites();

    /** @param restore what is left to do when the round is over */
    private record Fault(String what, Runnable strike, Runnable heal, Runnable restore) {}

    /** The worst writes of a round with a fault, and of the one before without. */
    private record Pair(Duration faulty, Duration control) {
        Duration difference() {
            return faulty.minus(control);
        }
    }

    @Test
    void noFaultOfTheLinkOrTheReplicaStallsAGuest() {
        // The smallest credit is used up while a fault lasts: that must not be felt either.
        SitePair pair = sites.pair(Map.of(
                "TIDEMARK_REPLICA_CREDIT", "16M",
                "TIDEMARK_REPLICA_WINDOW_BYTES", "64M",
                "TIDEMARK_JOURNAL_SEGMENTS_AHEAD", "4"));
        try (LinkProxy path = new LinkProxy(Site.HOST, pair.replica().linkAddress(), new Random(1));
                PacedGuest guest = new PacedGuest(URI.create(pair.protect("vm", DISK)), DISK.sizeBytes())) {
            pair.shipBy(path.address());
            guest.worstWrite(StallTest::nothing, StallTest::nothing); // warms up
            List<Fault> faults = faults(pair.replica(), path);
            List<List<Pair>> measured = faults.stream()
                    .map(fault -> (List<Pair>) new ArrayList<Pair>())
                    .toList();
            for (int round = 0; round < ROUNDS; round++) {
                for (int i = 0; i < faults.size(); i++) {
                    measured.get(i).add(measure(pair, guest, faults.get(i)));
                }
            }

            for (int i = 0; i < faults.size(); i++) {
                tell(faults.get(i), measured.get(i));
            }
            for (int i = 0; i < faults.size(); i++) {
                assertThat(medianDifference(measured.get(i)))
                        .as("what %s adds to the worst write", faults.get(i).what())
                        .isLessThanOrEqualTo(STALL_MAX);
            }
        }
    }

    private static List<Fault> faults(Site replica, LinkProxy path) {
        return List.of(
                new Fault("a cut link", path::refuse, path::heal, StallTest::nothing),
                new Fault("a slow link", () -> LinkFault.SLOW.strike(path), path::heal, StallTest::nothing),
                new Fault("a half-open link", path::vanish, path::heal, StallTest::nothing),
                new Fault("a frozen replica", replica::freeze, replica::thaw, StallTest::nothing),
                // Its start takes the processors of this machine, which at another site it would not.
                new Fault("a killed replica", replica::kill, StallTest::nothing, replica::start));
    }

    private static Pair measure(SitePair pair, PacedGuest guest, Fault fault) {
        pair.awaitReplicated();
        Duration control = guest.worstWrite(StallTest::nothing, StallTest::nothing);
        pair.awaitReplicated();
        Duration faulty = guest.worstWrite(fault.strike(), fault.heal());
        fault.restore().run();
        return new Pair(faulty, control);
    }

    private static void tell(Fault fault, List<Pair> pairs) {
        System.out.printf(
                "%-17s worst write with it %6.1f ms, without %6.1f ms; difference of pairs: median %6.1f ms, all %s%n",
                fault.what(),
                millis(pairs.stream()
                        .map(Pair::faulty)
                        .max(Comparator.naturalOrder())
                        .orElseThrow()),
                millis(pairs.stream()
                        .map(Pair::control)
                        .max(Comparator.naturalOrder())
                        .orElseThrow()),
                millis(medianDifference(pairs)),
                pairs.stream()
                        .map(each -> "%.1f".formatted(millis(each.difference())))
                        .toList());
    }

    private static Duration medianDifference(List<Pair> pairs) {
        List<Duration> sorted = pairs.stream().map(Pair::difference).sorted().toList();
        return sorted.get(sorted.size() / 2);
    }

    private static void nothing() {}

    private static double millis(Duration duration) {
        return duration.toNanos() / 1e6;
    }
}
