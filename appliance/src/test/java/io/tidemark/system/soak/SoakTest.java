package io.tidemark.system.soak;

import static org.assertj.core.api.Assertions.assertThat;

import io.tidemark.system.Api;
import io.tidemark.system.Await;
import io.tidemark.system.DiskSpec;
import io.tidemark.system.Site;
import io.tidemark.system.SitePair;
import io.tidemark.system.Sites;
import io.tidemark.system.kill.LinkFault;
import io.tidemark.system.proxy.LinkProxy;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.concurrent.TimeUnit;
import java.util.stream.IntStream;
import java.util.stream.Stream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.RegisterExtension;

/**
 * Fifty streams of twelve VMs in all attach modes, and a mishap every few seconds. In the last third no process is killed, so
 * that what it takes can be seen to stay.
 *
 * <p>{@code -Dsoak.seed} repeats a run, as far as processes can be made to; {@code -Dsoak.minutes} says how long it is. With an
 * odd seed the link is in plaintext: then nothing but our own checksums guards what is on the way.
 */
@Tag("soak")
final class SoakTest {

    private static final long MINUTES = Long.getLong("soak.minutes", 60);
    private static final long ROW_NANOS = TimeUnit.SECONDS.toNanos(30);
    private static final int STREAMS = 50;
    private static final int VMS = 12;
    private static final int MISHAP_MILLIS_MAX = 5000;
    private static final int PEACE_MILLIS_MAX = 3000;
    private static final String WINDOW = "48M";

    @RegisterExtension
    final Sites sites = new Sites();

    private final long seed = Long.getLong("soak.seed", System.nanoTime());
    private final Random random = new Random(seed);
    private final Growth growth = new Growth();
    private final List<SoakedVm> vms = new ArrayList<>();
    private final long begin = System.nanoTime();
    private final SitePair pair = sites.pair(Map.of(
            "TIDEMARK_JOURNAL_SEGMENT_BYTES",
            "8M",
            "TIDEMARK_REPLICA_WINDOW_BYTES",
            WINDOW,
            "TIDEMARK_LINK_PLAINTEXT_ON_LOOPBACK",
            Boolean.toString(seed % 2 != 0)));
    private final Api source = pair.source().api();
    private final Api replica = pair.replica().api();
    private final LinkProxy path =
            new LinkProxy(Site.HOST, pair.replica().linkAddress(), new Random(random.nextLong()));
    private long nextRow = begin + ROW_NANOS;
    private int generation;

    @BeforeEach
    void protect() {
        System.out.println("again with make soak SEED=" + seed);
        pair.shipBy(path.address());
        for (int i = 0; i < VMS; i++) {
            vms.add(protect(i));
        }
    }

    @AfterEach
    void writeTheTable() throws IOException {
        path.close();
        Files.write(Path.of("target", "soak.csv"), growth.table().toList());
        vms.forEach(vm -> System.out.println(vm.told()));
    }

    @Test
    void everyDiskIsWhatItsClientHasMadeItAndNoProcessGrows() {
        while (minutes() < MINUTES) {
            Mishap mishap = draw();
            System.out.printf("%d s: %s%n", second(), mishap);
            befall(mishap);
            if (random.nextInt(3) != 0) {
                path.heal();
            }
            pass(random.nextInt(PEACE_MILLIS_MAX));
            vms.forEach(SoakedVm::check);
            noteRow();
        }
        checkTheEnd();
    }

    private SoakedVm protect(int number) {
        String name = "vm" + number;
        List<DiskSpec> disks = disks(number);
        generation++;
        return new SoakedVm(
                name,
                source.put("/vms/" + name, pair.request(name, disks.toArray(new DiskSpec[0]))),
                disks,
                source,
                replica,
                sites.folder(),
                new Random(random.nextLong()));
    }

    /** Two VMs have five disks, the others four. A disk bears another name each time, so that it is told from the one before. */
    private List<DiskSpec> disks(int number) {
        int count = STREAMS / VMS + (number < STREAMS % VMS ? 1 : 0);
        return IntStream.range(0, count)
                .mapToObj(i -> disk(number, i, "disk" + i + "-" + generation))
                .toList();
    }

    private static DiskSpec disk(int vm, int number, String name) {
        return switch (vm) {
            case 6, 7 -> new DiskSpec(name, DiskSpec.MIB, "fanout");
            case 8, 9 -> new DiskSpec(name, DiskSpec.MIB, "mirror-active");
            case 10 -> new DiskSpec(name, DiskSpec.MIB, number == 0 ? "mirror-background" : "mirror-active");
            case 11 -> number == 0 ? new DiskSpec(name, DiskSpec.MIB, "fanout") : DiskSpec.direct(name, 2);
            default ->
                number % 2 == 0
                        ? DiskSpec.direct(name, 2)
                        : DiskSpec.direct(name, 2).durable();
        };
    }

    private Mishap draw() {
        boolean late = minutes() >= MINUTES * 2 / 3.0;
        List<Mishap> possible = Stream.of(Mishap.values())
                .filter(each -> !late || !each.isDeadly())
                .toList();
        int lot = random.nextInt(possible.stream().mapToInt(Mishap::weight).sum());
        for (Mishap each : possible) {
            lot -= each.weight();
            if (lot < 0) {
                return each;
            }
        }
        throw new AssertionError("no lot");
    }

    private void befall(Mishap mishap) {
        switch (mishap) {
            case SOURCE_KILLED -> kill(pair.source());
            case REPLICA_KILLED -> kill(pair.replica());
            case BOTH_KILLED -> kill(pair.source(), pair.replica());
            case SOURCE_FROZEN -> freeze(pair.source());
            case REPLICA_FROZEN -> freeze(pair.replica());
            case LINK_STRUCK -> strike();
            case POINT_READ -> vms.get(random.nextInt(VMS)).checkSomePoint();
            case VM_REPLACED -> replace(random.nextInt(VMS));
            case CATCHING_UP -> catchUp();
        }
    }

    private void kill(Site... killed) {
        for (Site site : killed) {
            site.kill();
        }
        pass(random.nextInt(MISHAP_MILLIS_MAX));
        for (Site site : killed) {
            site.launch();
        }
        for (Site site : killed) {
            site.awaitReady();
        }
    }

    private void freeze(Site site) {
        site.freeze();
        pass(random.nextInt(4) == 0 ? 4 * MISHAP_MILLIS_MAX : random.nextInt(MISHAP_MILLIS_MAX));
        site.thaw();
    }

    private void strike() {
        LinkFault[] all = LinkFault.values();
        LinkFault fault = all[random.nextInt(all.length)];
        System.out.println("    " + fault);
        fault.strike(path);
        pass(random.nextInt(MISHAP_MILLIS_MAX));
    }

    private void replace(int number) {
        SoakedVm old = vms.get(number);
        old.calm();
        old.awaitCalm();
        old.leave();
        source.delete("/vms/" + old.name() + "?confirm=" + old.name());
        System.out.println("    " + old.told());
        vms.set(number, protect(number));
    }

    /** All there was when the path was good again is at the replica in the end, though the clients go on. */
    private void catchUp() {
        path.heal();
        pair.awaitReplicated();
        vms.get(random.nextInt(VMS)).checkSomePoint();
    }

    private void noteRow() {
        if (System.nanoTime() < nextRow) {
            return;
        }
        nextRow = System.nanoTime() + ROW_NANOS;
        Stream.of(Map.entry(pair.source(), source), Map.entry(pair.replica(), replica))
                .map(each -> Vitals.of(each.getKey(), each.getValue(), second()))
                .forEach(row -> {
                    growth.add(row);
                    System.out.println("    " + Growth.line(row));
                });
    }

    private void checkTheEnd() {
        System.out.printf("%d s: the end begins%n", second());
        path.heal();
        vms.forEach(SoakedVm::calm);
        vms.forEach(SoakedVm::awaitCalm);
        pair.awaitReplicated();
        vms.forEach(SoakedVm::checkTheEnd);
        vms.forEach(SoakedVm::leave);
        System.out.printf("%d s: all disks are right%n", second());
        assertThat(growth.isEnough(2) || MINUTES < 10)
                .as("whether a process of each site lived long enough to tell")
                .isTrue();
        assertThat(growth.found()).as("what has grown, see target/soak.csv").isEmpty();
        assertThat(pair.source().log()).doesNotContain(" ERROR ");
        assertThat(pair.replica().log()).doesNotContain(" ERROR ");
    }

    /** A soak is made of time. */
    private static void pass(long millis) {
        long end = System.nanoTime() + TimeUnit.MILLISECONDS.toNanos(millis);
        Await.until("a moment", () -> System.nanoTime() - end >= 0);
    }

    private double minutes() {
        return (System.nanoTime() - begin) / (double) TimeUnit.MINUTES.toNanos(1);
    }

    private long second() {
        return TimeUnit.NANOSECONDS.toSeconds(System.nanoTime() - begin);
    }
}
