package io.tidemark.system;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import io.tidemark.system.NbdConnection.Command;
import io.tidemark.system.QemuSource.Moment;
import io.tidemark.system.proxy.LinkProxy;
import io.tidemark.system.target.Server;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.net.URI;
import java.nio.file.Path;
import java.util.Map;
import java.util.Random;
import java.util.concurrent.atomic.AtomicInteger;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.RegisterExtension;
import org.junit.jupiter.api.io.TempDir;

/**
 * A quorum of QEMU goes on without us, and the guest writes to its other disk what depends on what we have missed: no point offers
 * one half without the other (I7, I12).
 */
@Tag("clients")
final class QemuGapTest {

    private static final long BYTES = 8 * DiskSpec.MIB;
    private static final int FILL_BYTES = 1 << 20;
    /** In succession, at each look: what the last writes have freed is freed long before. */
    private static final int REFUSALS = 50;

    private static final String ALONE = "write -P 1 0 1M";
    private static final String MISSED = "write -P 2 1M 1M";
    private static final String AFTER = "write -P 3 2M 1M";
    private static final String DEPENDENT = "write -P 2 0 64k";

    @RegisterExtension
    static final Sites SITES = new Sites();

    @SuppressWarnings("NullAway.Init")
    private static SitePair pair;

    @TempDir
    @SuppressWarnings("NullAway.Init") // JUnit does that
    private Path folder;

    /** Points are the guest's flushes only, and the journal of the source fills up soon. */
    @BeforeAll
    static void startSites() {
        pair = SITES.pair(
                Map.of(
                        "TIDEMARK_INTAKE_CUT_INTERVAL", "1h",
                        "TIDEMARK_INTAKE_ACK_DELAY_MAX", "0s",
                        "TIDEMARK_JOURNAL_SEGMENT_BYTES", "8M",
                        "TIDEMARK_VOLUME_FORCE_INTERVAL", "200ms"),
                QemuGapTest::limitSource);
    }

    /** The replica keeps in its journal all that the source has shipped. */
    private static void limitSource(Site site) {
        if (site.name().equals("north")) {
            site.set("TIDEMARK_JOURNAL_QUOTA", "64M");
            site.set("TIDEMARK_SHIP_BACKLOG_MAX_PERCENT", "100");
        }
    }

    @BeforeEach
    void startWhatIsDown() {
        pair.startWhatIsDown();
    }

    @Test
    void aLossThatIsNoticedLateTakesBackThePointThatHasOnlyOneHalf() {
        String vm = "late";
        String log = protect(vm);
        try (LinkProxy proxy = new LinkProxy(Site.HOST, pair.source().nbdAddress(), new Random());
                QemuSource data = inSync(vm, proxy.address())) {
            // Given
            Api.Point good = goodPoint(data, log);
            Moment last = data.guestDoes(ALONE);

            // When the quorum loses us, and we do not notice
            proxy.forsake();
            data.guestDoes(MISSED);
            Nbd.qemuIo(log, DEPENDENT, "flush");

            // Then there is nothing yet to tell that half of it is missing
            Api.Point doubtful = data.awaitPointOfNow();
            assertThat(doubtful.sequence()).isGreaterThan(last.sequence());

            // When it is back
            proxy.welcome();
            awaitReturn(data, last);

            // Then
            assertTakenBack(vm, doubtful);
            assertNeitherHalf(data, vm, good, last);

            // When the end of the connection before is noticed too
            proxy.heal();
            Await.until("the end of it", () -> data.view().path("connections").asInt() == 1);

            // Then it is the same gap
            assertThat(data.gaps()).isEqualTo(1);
        }
    }

    @Test
    void aLossThatIsNoticedAtOnceLeavesNoPointWithOnlyOneHalf() {
        String vm = "soon";
        String log = protect(vm);
        try (LinkProxy proxy = new LinkProxy(Site.HOST, pair.source().nbdAddress(), new Random());
                QemuSource data = inSync(vm, proxy.address())) {
            // Given
            Api.Point good = goodPoint(data, log);
            Moment last = data.guestDoes(ALONE);

            // When
            proxy.refuse();
            data.guestDoes(MISSED);
            Nbd.qemuIo(log, DEPENDENT, "flush");
            proxy.heal();
            awaitReturn(data, last);
            Nbd.qemuIo(log, "write -P 3 0 64k", "flush");

            // Then
            assertNeitherHalf(data, vm, good, last);
        }
    }

    @Test
    void aDeadApplianceLeavesNoPointWithOnlyOneHalf() {
        String vm = "dead";
        String log = protect(vm);
        try (QemuSource data = inSync(vm, pair.source().nbdAddress())) {
            // Given
            Api.Point good = goodPoint(data, log);
            Moment last = data.guestDoes(ALONE);
            Nbd.qemuIo(log, "write -P 9 64k 64k", "flush"); // a point of the VM behind the last record of the quorum
            Api.Point doubtful = data.awaitPointOfNow();

            // When: the guest waits for the disk that is ours alone
            pair.source().kill();
            data.guestDoesAlone(MISSED);
            pair.source().start();
            Nbd.qemuIo(log, DEPENDENT, "flush");
            awaitReturn(data, last);

            // Then
            assertTakenBack(vm, doubtful);
            assertNeitherHalf(data, vm, good, last);
        }
    }

    @Test
    void aWriteThatWeRefuseLeavesNoPointWithOnlyOneHalf() throws IOException {
        String vm = "full";
        String log = protect(vm);
        String filler = pair.protect("filler", DiskSpec.direct("disk", 1));
        try (QemuSource data = inSync(vm, pair.source().nbdAddress())) {
            // Given a journal that is full
            Api.Point good = goodPoint(data, log);
            Moment last = data.guestDoes(ALONE);
            Nbd.qemuIo(log, "write -P 9 64k 64k", "flush"); // a point of the VM behind the last record of the quorum
            Api.Point doubtful = data.awaitPointOfNow();
            pair.replica().stop();
            fill(filler);

            // When: the quorum does not mind an error of ours
            data.guestDoesAlone(MISSED);
            Await.until("a gap", () -> data.gaps() == 1);
            pair.replica().start();
            Await.until(
                    "room",
                    () -> Tool.result("qemu-io", "-f", "raw", "-c", DEPENDENT, "-c", "flush", log)
                                    .status()
                            == 0);
            data.guestDoes(AFTER);

            // Then
            assertThat(data.view().path("connections").asInt()).isEqualTo(1);
            assertSuspectSince(data, last);
            assertTakenBack(vm, doubtful);
            assertNeitherHalf(data, vm, good, last);
        }
    }

    /** What was missed is on the source's own disk, and so is all else: only the difference is shipped. */
    @Test
    void aGapIsMendedFromTheSourcesOwnDisk() {
        String vm = "mended";
        String log = protect(vm);
        try (LinkProxy proxy = new LinkProxy(Site.HOST, pair.source().nbdAddress(), new Random());
                QemuSource data = inSync(vm, proxy.address());
                Server snapshot = new Server()) {
            // Given
            goodPoint(data, log);
            Moment last = data.guestDoes(ALONE);
            proxy.refuse();
            data.guestDoes(MISSED);
            proxy.heal();
            awaitReturn(data, last);
            data.guestDoes(AFTER); // the last one may have come before we were back
            data.tellCopyBegin();
            data.guestDoes("write -P 4 4M 64k");
            snapshot.start("qemu-nbd", "-t", "-r", "-f", "raw", "-x", "disk", data.exportSnapshot());
            data.guestDoes("write -P 5 1M 4k", "write -P 6 5M 64k"); // not in the snapshot

            // When
            Api source = pair.source().api();
            source.post("/vms/" + vm + "/disks/data/mend", Map.of("uri", snapshot.uri("disk")));

            // Then
            JsonNode mended = Await.value(
                    "the end of it",
                    () -> source.get("/vms/" + vm + "/disks/data/mend"),
                    view -> !view.path("phase").asText().equals("running"));
            assertThat(mended.path("phase").asText()).as(mended.toString()).isEqualTo("complete");
            assertThat(mended.path("laidBytes").asLong()).isEqualTo((1 << 20) - 4096);
            assertThat(data.intake()).isEqualTo("in-sync");
            Moment after = data.guestDoes("write -P 8 6M 64k");
            data.assertComesBack(data.awaitPointOfNow(), after);
        }
    }

    /** A VM with a disk that is ours alone, which is told, and one of a quorum. */
    private static String protect(String vm) {
        pair.protect(vm, new DiskSpec("data", BYTES, "fanout"), new DiskSpec("log", BYTES, "direct"));
        return pair.source().uri(vm + "/log");
    }

    /** The quorum, with a copy of everything here. */
    private QemuSource inSync(String vm, String address) {
        QemuSource data = new QemuSource(pair, vm, "data", folder);
        data.makeFan().giveToGuest(QemuSource.FAN).connect(address, 0);
        data.copyAndFanOut();
        assertThat(data.tellCopyEnd(0).status()).isEqualTo(200);
        return data;
    }

    /** Both disks have been written, and the point says so. */
    private static Api.Point goodPoint(QemuSource data, String log) {
        Nbd.qemuIo(log, "write -P 1 0 64k", "flush");
        data.guestDoes("write -P 7 0 2M");
        return data.awaitPointOfNow();
    }

    /** The quorum has reached us again, behind the record after which something is missing. */
    private static void awaitReturn(QemuSource data, Moment last) {
        Await.until("the quorum's return", () -> {
            data.guestDoes(AFTER);
            return data.view().path("connections").asInt() > 0 && data.gaps() > 0;
        });
        assertSuspectSince(data, last);
    }

    private static void assertSuspectSince(QemuSource data, Moment last) {
        assertThat(data.intake()).isEqualTo("suspect");
        assertThat(data.view().path("intake").path("since").asLong()).isEqualTo(last.sequence());
    }

    private static void assertTakenBack(String vm, Api.Point doubtful) {
        pair.awaitReplicated();
        Api.Point now = Await.value(
                "the point, taken back",
                () -> pair.replica().api().points(vm).stream()
                        .filter(point -> point.sequence() == doubtful.sequence())
                        .findFirst()
                        .orElseThrow(),
                point -> !point.consistent());
        assertThat(now.inconsistency()).isNotEmpty();
    }

    /** The newest point that is offered is the one before the gap; and any behind it says why it is not. */
    private static void assertNeitherHalf(QemuSource data, String vm, Api.Point good, Moment last) {
        Api.Point newest = data.consistentPointUpTo(Long.MAX_VALUE).orElseThrow();
        assertThat(newest.sequence()).isEqualTo(last.sequence());
        assertThat(pair.replica().api().consistentPoints(vm)).contains(good);
        assertThat(pair.replica().api().points(vm))
                .filteredOn(point -> point.sequence() > last.sequence())
                .isNotEmpty()
                .allSatisfy(point -> assertThat(point.inconsistency()).contains("data", "missing"));
        Api.Drill drill = pair.replica().api().drill(vm, "latest");
        assertThat(drill.point()).isEqualTo(newest);
        Nbd.compare(drill.uri("data"), last.image());
        Nbd.qemuIo(drill.uri("data"), "read -P 1 0 1M", "read -P 7 1M 1M");
        Nbd.qemuIo(drill.uri("log"), "read -P 1 0 64k");
        pair.replica().api().end(drill);
    }

    /** Writes until the journal takes nothing more of that size, and will not when it has freed what has reached the volumes. */
    private static void fill(String uri) throws IOException {
        try (NbdConnection filler = new NbdConnection(URI.create(uri))) {
            AtomicInteger asked = new AtomicInteger();
            AtomicInteger refusals = new AtomicInteger();
            Await.until("the journal is full and stays so", () -> {
                boolean settled = pair.link().path("applied").equals(pair.link().path("appended"));
                boolean refused = isRefused(filler, asked.getAndIncrement());
                return refusals.updateAndGet(before -> settled && refused ? before + 1 : 0) == REFUSALS;
            });
        }
    }

    private static boolean isRefused(NbdConnection filler, int cookie) {
        try {
            filler.ask(Command.WRITE, cookie, 0, FILL_BYTES, new byte[FILL_BYTES]);
            filler.send();
            NbdConnection.Answer answer = filler.anyAnswer();
            assertThat(answer.isNoSpace() || answer.error() == 0).isTrue();
            return answer.isNoSpace();
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }
}
