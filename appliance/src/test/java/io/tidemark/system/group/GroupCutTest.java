package io.tidemark.system.group;

import static org.assertj.core.api.Assertions.assertThat;

import io.tidemark.system.Api;
import io.tidemark.system.Await;
import io.tidemark.system.DiskSpec;
import io.tidemark.system.Lot;
import io.tidemark.system.SitePair;
import io.tidemark.system.Sites;
import io.tidemark.system.group.CounterLog.Disk;
import java.net.URI;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Random;
import java.util.Set;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.Semaphore;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.RegisterExtension;

/**
 * A recovery point is one sequence over all disks of a VM, and one of a group is one sequence over all disks of all its VMs: no entry of
 * a log over their disks is there without its predecessor (I12).
 *
 * <p>The recovery window is short, so that points are made of volume and journal in every proportion. {@code
 * -Ddata.seed} repeats a run, as far as processes can be made to.
 */
final class GroupCutTest {

    private static final String GROUP = "all";
    private static final List<String> IN_START_ORDER = List.of("mixed", "durable", "journaled");
    private static final int WRITERS = 5;
    private static final int ENTRIES_MAX = 60_000;
    private static final int ENTRIES_OF_ALL = WRITERS * ENTRIES_MAX;
    private static final int POINTS = 20;
    private static final int POINTS_IN_TORTURE = 1000;
    private static final int ENTRIES_BEFORE = 400;

    @RegisterExtension
    final Sites sites = new Sites();

    private final Random random = Lot.draw("data.seed");

    /** Entries that may be written: so many for each point that was checked, so that there are always new points, and room in the log. */
    private final Semaphore pace = new Semaphore(0);

    /** All VMs are in the group from this record on. */
    private long joined;

    @Test
    @Tag("clients")
    void noPointOfAVmOrOfSeveralHasAnEntryWithoutItsPredecessor() {
        checkPoints(POINTS);
    }

    @Test
    @Tag("torture")
    @Tag("data")
    void thatHoldsAtManyPoints() {
        checkPoints(POINTS_IN_TORTURE);
    }

    private void checkPoints(int points) {
        // Given
        SitePair pair =
                sites.pair(Map.of("TIDEMARK_INTAKE_CUT_INTERVAL", "20ms", "TIDEMARK_REPLICA_WINDOW_TIME", "8s"));
        CounterLog log = new CounterLog(protectThree(pair), WRITERS, ENTRIES_MAX, random);
        joined = pair.link().path("appended").asLong();
        List<LogWriter> writers = IntStream.range(0, WRITERS)
                .mapToObj(writer -> new LogWriter(log, writer, new Random(random.nextLong()), pace))
                .toList();

        // When
        pace.release(ENTRIES_BEFORE + ENTRIES_OF_ALL / points);
        List<CompletableFuture<Void>> ends = writers.stream()
                .map(writer -> CompletableFuture.runAsync(
                        writer, run -> Thread.ofPlatform().daemon().start(run)))
                .toList();
        Await.until("some entries", () -> log.acknowledged() >= ENTRIES_BEFORE);
        checkWhileWriting(pair, log, points);
        writers.forEach(LogWriter::stop);
        pace.release(WRITERS);
        ends.forEach(CompletableFuture::join);

        // Then nothing is missing in the end
        pair.awaitReplicated();
        log.sight(() -> pair.link().path("appended").asLong());
        Await.until("a point of everything", () -> vms(log).stream()
                .allMatch(vm -> pair.source().api().vm(vm).path("rpoSeconds").asDouble() == 0));
        for (String vm : vms(log)) {
            Api.Drill drill = pair.replica().api().drill(vm, "latest");
            log.check(Long.MAX_VALUE, read(log, vm, drill.uris()));
            pair.replica().api().end(drill);
        }
    }

    /** Half of the points are those of one VM, at flushes and cuts; the others those of the group. */
    private void checkWhileWriting(SitePair pair, CounterLog log, int points) {
        Set<String> kinds = new HashSet<>();
        Set<Long> sequences = new HashSet<>();
        int ofAll = 0;
        for (int checked = 0; checked < points; ) {
            log.sight(() -> pair.link().path("appended").asLong());
            boolean group = checked % 2 == 0;
            String vm = anyOf(vms(log));
            Optional<Api.Point> point =
                    any(group ? groupPoints(pair) : pair.replica().api().points(vm));
            if (point.isPresent() && (group ? check(pair, log, point.get()) : check(pair, log, vm, point.get()))) {
                checked++;
                ofAll += group ? 1 : 0;
                kinds.add(point.get().kind());
                sequences.add(point.get().sequence());
                pace.release(ENTRIES_OF_ALL / points);
            }
        }
        System.out.printf(
                "%d points, %d of all VMs at once, at %d records; %d entries%n",
                points, ofAll, sequences.size(), log.acknowledged());
        assertThat(kinds).contains("flush", "cut");
        assertThat(ofAll).isGreaterThanOrEqualTo(points / 2);
        assertThat(sequences).hasSizeGreaterThan(points / 2);
    }

    /** Of one VM. False if the point has left the window before it could be looked at. */
    private static boolean check(SitePair pair, CounterLog log, String vm, Api.Point point) {
        Api.Answer answer = drill(pair, Map.of("vm", vm, "point", Long.toString(point.sequence())));
        if (answer.status() == 404) {
            assertThat(pair.replica().api().points(vm))
                    .extracting(Api.Point::sequence)
                    .doesNotContain(point.sequence());
            return false;
        }
        Api.Drill drill = Api.Drill.of(answer.body());
        log.check(point.sequence(), read(log, vm, drill.uris()));
        pair.replica().api().end(drill);
        return true;
    }

    /** Of the group. False if the point has left the window before it could be looked at. */
    private static boolean check(SitePair pair, CounterLog log, Api.Point point) {
        Api.Answer answer = drill(pair, Map.of("group", GROUP, "point", Long.toString(point.sequence())));
        if (answer.status() == 404) {
            assertThat(pair.replica().api().groupPoints(GROUP))
                    .extracting(Api.Point::sequence)
                    .doesNotContain(point.sequence());
            return false;
        }
        Api.GroupDrill drill = Api.GroupDrill.of(answer.body());
        assertThat(drill.uris().keySet()).containsExactlyElementsOf(IN_START_ORDER);
        List<DiskContent> found = new ArrayList<>();
        drill.uris().forEach((vm, uris) -> found.addAll(read(log, vm, uris)));
        log.check(point.sequence(), found);
        pair.replica().api().delete("/drills/" + drill.id());
        return true;
    }

    private static Api.Answer drill(SitePair pair, Map<String, String> request) {
        Api.Answer answer = pair.replica().api().ask("POST", "/drills", Api.json(request));
        assertThat(answer.isOk() || answer.status() == 404).as("%s", answer).isTrue();
        return answer;
    }

    private List<Api.Point> groupPoints(SitePair pair) {
        return pair.replica().api().groupPoints(GROUP).stream()
                .filter(point -> point.sequence() >= joined)
                .toList();
    }

    private Optional<Api.Point> any(List<Api.Point> points) {
        assertThat(points).allMatch(Api.Point::consistent);
        return points.isEmpty() ? Optional.empty() : Optional.of(anyOf(points));
    }

    private static List<DiskContent> read(CounterLog log, String vm, Map<String, String> uris) {
        return log.disks().stream()
                .filter(disk -> disk.vm().equals(vm))
                .map(disk -> DiskContent.read(log, disk, URI.create(uris.getOrDefault(disk.name(), ""))))
                .toList();
    }

    /** One VM whose disks are journaled, one whose are durable, and one of each kind. */
    private static Map<Disk, URI> protectThree(SitePair pair) {
        long mebibytes = 1 + CounterLog.diskBytes(WRITERS, ENTRIES_MAX) / DiskSpec.MIB;
        DiskSpec one = DiskSpec.direct("one", mebibytes);
        DiskSpec two = DiskSpec.direct("two", mebibytes);
        Map<Disk, URI> uris = new LinkedHashMap<>();
        protect(pair, "journaled", List.of(one, two), uris);
        protect(pair, "durable", List.of(one.durable(), two.durable()), uris);
        protect(pair, "mixed", List.of(one, two.durable()), uris);
        return uris;
    }

    private static void protect(SitePair pair, String vm, List<DiskSpec> disks, Map<Disk, URI> uris) {
        pair.protectIn(GROUP, IN_START_ORDER.indexOf(vm), vm, disks.toArray(DiskSpec[]::new))
                .forEach((disk, uri) -> uris.put(new Disk(vm, disk), URI.create(uri)));
    }

    private static List<String> vms(CounterLog log) {
        return log.disks().stream().map(Disk::vm).distinct().sorted().toList();
    }

    private <T> T anyOf(List<T> all) {
        return all.get(random.nextInt(all.size()));
    }
}
