package io.tidemark.system;

import static org.assertj.core.api.Assertions.assertThat;

import io.tidemark.system.QemuSource.Moment;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.RegisterExtension;
import org.junit.jupiter.api.io.TempDir;

/** QEMU as a source whose guest's flushes reach us: its disk is ours, or we are a child of a quorum. No timed cut comes between. */
@Tag("clients")
final class QemuFlushTest {

    private static final long BYTES = 32 * DiskSpec.MIB;
    private static final int FLUSHES = 5;

    @RegisterExtension
    static final Sites SITES = new Sites();

    @SuppressWarnings("NullAway.Init")
    private static SitePair pair;

    @BeforeAll
    static void startSites() {
        pair = SITES.pair(Map.of("TIDEMARK_INTAKE_CUT_INTERVAL", "1h"));
    }

    @BeforeEach
    void startWhatIsDown() {
        pair.startWhatIsDown();
    }

    @TempDir
    @SuppressWarnings("NullAway.Init") // JUnit does that
    private Path folder;

    @Test
    void eachFlushOfADirectDiskIsAPointAndNoEndOfTheApplianceIsAGap() {
        pair.protect("direct", new DiskSpec("disk", BYTES, "direct"));
        try (QemuSource source = new QemuSource(pair, "direct", "disk", folder)) {
            // Given
            source.connect(60).giveToGuest(QemuSource.OURS);

            // When
            List<Moment> moments = new ArrayList<>();
            for (int i = 1; i <= FLUSHES; i++) {
                moments.add(source.guestDoes(
                        "write -P " + i + " " + i + "M 2M", "discard " + i * 2 + "M 64k", "write -z " + i + "M 4k"));
            }

            // Then
            assertFlushesComeBack(source, "direct", moments);

            // When the appliance dies and comes back, the client replays what was not answered
            pair.source().kill();
            try (Tool writer = Tool.start("nbdsh", "-u", source.guestUri(), "-c", """
                    for number in range(256):
                        h.aio_pwrite(nbd.Buffer.from_bytearray(bytearray([number]) * 4096), (16 << 20) + number * 4096)
                    while h.aio_in_flight() > 0:
                        h.poll(-1)
                    h.flush()
                    """)) {
                pair.source().start();
                assertThat(writer.await().status()).as(writer.output()).isZero();
            }

            // Then nothing is missing
            assertThat(source.intake()).isEqualTo("in-sync");
            assertThat(source.view().path("intake").path("gaps").asInt()).isZero();
            Api.Point newest = source.awaitPointOfNow();
            Api.Drill drill = pair.replica().api().drill("direct", newest);
            Nbd.shell(drill.uri("disk"), """
                    for number in range(256):
                        assert h.pread(4096, (16 << 20) + number * 4096) == bytes([number]) * 4096, number
                    """);
        }
    }

    @Test
    void eachFlushOfAQuorumIsAPointUntilItsHoleAndAgainOnceItIsMended() {
        pair.protect("fan", new DiskSpec("disk", BYTES, "fanout"));
        try (QemuSource source = new QemuSource(pair, "fan", "disk", folder)) {
            // Given a disk with content that was copied to us before we became a child
            source.makeFan().giveToGuest(QemuSource.FAN).connect(0);
            source.guestDoes("write -P 9 0 8M");
            source.copyAndFanOut();
            assertThat(source.intake()).isEqualTo("copying");
            assertThat(source.consistentPointUpTo(Long.MAX_VALUE)).isEmpty();
            Moment copied = source.now();
            assertThat(source.tellCopyEnd(0).status()).isEqualTo(200);
            source.assertComesBack(source.awaitPointOfNow(), copied);

            // When
            List<Moment> moments = new ArrayList<>();
            for (int i = 1; i <= FLUSHES; i++) {
                moments.add(source.guestDoes("write -P " + i + " " + i + "M 2M", "write -z " + i + "M 4k"));
            }

            // Then
            assertFlushesComeBack(source, "fan", moments);
            source.assertLocalIsAsTheModel();

            // When the appliance is away for a while, the quorum goes on with a silent hole
            Moment last = moments.getLast();
            pair.source().stop();
            source.guestDoesAlone("write -P 0xee 0 1M");
            pair.source().start();
            Await.until("the quorum's return", () -> {
                source.guestDoes("write -P 0xdd 2M 1M");
                return source.view().path("connections").asInt() > 0;
            });
            source.guestDoes("write -P 0xcc 4M 1M");

            // Then nothing after it is consistent, and no word of REST makes it so
            assertThat(source.intake()).isEqualTo("suspect");
            Api.Point good = source.consistentPointUpTo(Long.MAX_VALUE).orElseThrow();
            assertThat(good.sequence()).isLessThanOrEqualTo(last.sequence());
            source.assertComesBack(good, last);
            assertThat(source.tellCopyEnd(0).status()).isEqualTo(409);
            assertThat(source.tellCopyEnd(source.gaps()).status()).isEqualTo(409);
            assertThat(source.intake()).isEqualTo("suspect");

            // When the source copies again
            source.fanIn();
            source.tellCopyBegin();
            source.copyAndFanOut();
            assertThat(source.tellCopyEnd(source.gaps()).status()).isEqualTo(200);
            Moment mended = source.guestDoes("write -P 0xaa 6M 1M");

            // Then
            Api.Point point = source.consistentPointUpTo(mended.sequence()).orElseThrow();
            assertThat(point.kind()).isEqualTo("flush");
            source.assertComesBack(point, mended);
            source.assertLocalIsAsTheModel();
        }
    }

    /** Each flush has a point of its own, consistent, and with the disk as it was then. */
    private static void assertFlushesComeBack(QemuSource source, String vm, List<Moment> moments) {
        long before = 0;
        for (Moment moment : moments) {
            Api.Point point = source.consistentPointUpTo(moment.sequence()).orElseThrow();
            assertThat(point.kind()).as(vm).isEqualTo("flush");
            assertThat(point.sequence()).as(vm).isGreaterThan(before);
            source.assertComesBack(point, moment);
            before = moment.sequence();
        }
    }
}
