package io.tidemark.system.kill;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import io.tidemark.system.Api;
import io.tidemark.system.Await;
import io.tidemark.system.DiskSpec;
import io.tidemark.system.Nbd;
import io.tidemark.system.SitePair;
import io.tidemark.system.Tool;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.NavigableMap;
import java.util.Random;
import java.util.TreeMap;

/** A VM between two sites, and all that has to be so of it after any kill, told by its client's log. */
final class Protected {

    private static final String VM = "shop";

    private final SitePair pair;
    private final List<DiskSpec> disks;
    private final Map<String, String> uris;
    private final ClientLog log;
    private final Path folder;
    private final Random random;
    private final long windowBytes;
    private final NavigableMap<Long, Listed> listed = new TreeMap<>();
    private long askedAtLastList;
    private long appended;
    private long replicated;
    private boolean mayBeCopied;

    /** A point that was listed, and what the client had asked to be written when it was not yet there. */
    private record Listed(Api.Point point, long askedBytes) {}

    /**
     * Protects the VM.
     *
     * @param windowBytes what the replica keeps points for
     */
    Protected(SitePair pair, List<DiskSpec> disks, ClientLog log, Path folder, Random random, long windowBytes) {
        this.pair = pair;
        this.disks = disks;
        this.log = log;
        this.folder = folder;
        this.random = random;
        this.windowBytes = windowBytes;
        this.uris = pair.protect(VM, disks.toArray(new DiskSpec[0]));
    }

    /** Its disks are copied to the replica at times, and what is a point then is said not to be consistent. */
    Protected thatMayBeCopied() {
        mayBeCopied = true;
        return this;
    }

    /** The URI of each disk at the source, by name. */
    Map<String, String> uris() {
        return uris;
    }

    /** The source was killed and is back, and nobody is connected: nothing acknowledged is missing. */
    void checkSource() {
        log.settle(read(uris));
        noteWatermarks();
        checkInSync();
        assertThat(isShippedInFull()).isTrue();
    }

    private void checkInSync() {
        JsonNode vm = pair.source().api().vm(VM);
        assertThat(vm.path("consistent").asBoolean() || !isShippedInFull())
                .as("%s", vm)
                .isTrue();
        Api.elements(vm.path("disks")).forEach(disk -> {
            assertThat(disk.path("intake").path("state").asText()).isEqualTo("in-sync");
            assertThat(disk.path("intake").path("gaps").asInt()).isZero();
        });
    }

    /** Whether no disk is tracked or copied. */
    boolean isShippedInFull() {
        return Api.elements(pair.source().api().vm(VM).path("disks"))
                .allMatch(disk -> disk.path("ship").asText().equals("full"));
    }

    /** Whether blocks of some disk are on their way, so that the replica will not lack them any more. */
    boolean isCopying() {
        return Api.elements(pair.source().api().vm(VM).path("disks"))
                .anyMatch(disk -> disk.path("rung").path("step").asText().equals("copying"));
    }

    /**
     * The source's machine has lost its power and is back: until the guest was restarted nobody is let in, and then all is there
     * that was promised.
     */
    void checkSourceAfterPowerCut() {
        noteReplicated();
        checkSourceAloneAfterPowerCut();
        noteWatermarks();
        assertThat(isShippedInFull()).isTrue();
    }

    /** The same, and the replica may be down, and what it lacks may be tracked or copied. */
    void checkSourceAloneAfterPowerCut() {
        uris.values().forEach(uri -> assertThat(Tool.fail("nbdinfo", uri)).contains("server replied with error"));
        pair.source().api().post("/vms/" + VM + "/guest-restarted", Map.of());
        log.settleAfterPowerCut(read(uris), replicated);
        appended = 0;
        checkInSync();
    }

    /** Nobody writes: in the end the newest point is what the client has left. */
    void checkCaughtUp() {
        pair.awaitReplicated();
        noteWatermarks();
        Await.until(
                "a recovery point of the last write",
                () -> pair.source().api().vm(VM).path("rpoSeconds").asDouble() == 0);
        Api.Drill drill = pair.replica().api().drill(VM, "latest");
        log.checkCurrent(read(drill.uris()));
        pair.replica().api().end(drill);
    }

    /** What the replica offers is right: its list, the newest point, and some others. */
    void checkPoints(int others) {
        noteWatermarks();
        List<Api.Point> points = checkList();
        if (points.isEmpty()) {
            return;
        }
        checkPoint(points.getFirst());
        for (int i = 0; i < others; i++) {
            checkPoint(points.get(random.nextInt(points.size())));
        }
    }

    /** Returns when the replica offers some point. */
    void awaitPoint() {
        Await.until(
                "a first recovery point",
                () -> !pair.replica().api().consistentPoints(VM).isEmpty());
    }

    /** A drill that is in use, so that the processes have more to lose. */
    Api.Drill drill() {
        return pair.replica().api().drill(VM, "latest");
    }

    /** Neither site asks for a person. */
    void checkLogs() {
        assertThat(pair.source().log()).doesNotContain(" ERROR ");
        assertThat(pair.replica().log()).doesNotContain(" ERROR ");
    }

    /**
     * All points are consistent, unless a disk may have been copied meanwhile; of those that are, none has changed, and none has
     * gone that is within the window. A point may be made long before it is seen: all that is known is that it was made after the
     * list before.
     */
    private List<Api.Point> checkList() {
        long asked = log.askedBytes();
        List<Api.Point> points = mayBeCopied
                ? pair.replica().api().consistentPoints(VM)
                : pair.replica().api().points(VM);
        Map<Long, Api.Point> now = new HashMap<>();
        for (Api.Point each : points) {
            assertThat(each.consistent())
                    .as(() -> each + "; " + pair.source().api().events())
                    .isTrue();
            now.put(each.sequence(), each);
        }
        for (Listed before : List.copyOf(listed.values())) {
            Api.Point same = now.get(before.point().sequence());
            if (same == null) {
                assertThat(asked - before.askedBytes())
                        .as(
                                "bytes behind %s, which is gone; the floor is %s; of %s points before it %s are still there",
                                before.point(),
                                pair.link().path("floor"),
                                listed.headMap(before.point().sequence()).size(),
                                listed.headMap(before.point().sequence()).keySet().stream()
                                        .filter(now::containsKey)
                                        .count())
                        .isGreaterThan(windowBytes / 2);
                listed.remove(before.point().sequence());
            } else {
                assertThat(same).isEqualTo(before.point());
            }
        }
        if (!listed.isEmpty()) {
            now.keySet().stream()
                    .filter(sequence -> sequence < listed.lastKey())
                    .forEach(sequence -> assertThat(listed).containsKey(sequence));
        }
        now.forEach((sequence, point) -> listed.putIfAbsent(sequence, new Listed(point, askedAtLastList)));
        askedAtLastList = asked;
        return points;
    }

    /** The VM at a point looks as its client knows it; if the point is gone, it has left the window meanwhile. */
    private void checkPoint(Api.Point point) {
        Api.Answer answer = pair.replica()
                .api()
                .ask("POST", "/drills", Api.json(Map.of("vm", VM, "point", Long.toString(point.sequence()))));
        if (answer.status() == 404) {
            assertThat(pair.replica().api().points(VM)).doesNotContain(point);
            return;
        }
        assertThat(answer.isOk()).as("drill at %s: %s", point, answer).isTrue();
        Api.Drill drill = Api.Drill.of(answer.body());
        assertThat(drill.point()).isEqualTo(point);
        log.checkPoint(point.sequence(), point.kind().equals("flush"), read(drill.uris()));
        pair.replica().api().end(drill);
    }

    /** Sequences go on: neither site has lost a record, and the replica has none that the source has not. */
    private void noteWatermarks() {
        long from = log.now();
        JsonNode link = pair.link();
        log.sighted(link.path("appended").asLong(), from);
        assertThat(link.path("appended").asLong()).isGreaterThanOrEqualTo(appended);
        appended = link.path("appended").asLong();
        noteReplicated();
    }

    private void noteReplicated() {
        long durable = pair.replica()
                .api()
                .get("/site")
                .path("replicas")
                .path(0)
                .path("durable")
                .asLong();
        assertThat(durable).isGreaterThanOrEqualTo(replicated);
        replicated = durable;
    }

    private List<Image> read(Map<String, String> exports) {
        assertThat(exports).hasSameSizeAs(disks);
        List<Image> images = new ArrayList<>();
        exports.forEach((disk, uri) -> {
            Path file = folder.resolve(disk + ".raw");
            Nbd.copy(uri, file);
            images.add(Image.read(disk, file));
        });
        return images;
    }
}
