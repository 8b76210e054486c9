package io.tidemark.system;

import static org.assertj.core.api.Assertions.assertThat;

import io.tidemark.system.QemuSource.Moment;
import java.nio.file.Path;
import java.util.List;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.ExtendWith;
import org.junit.jupiter.api.io.TempDir;

/** QEMU's mirror job as a source, in both copy modes: what its flushes do not prove, and what REST is told (I7). */
@Tag("clients")
@ExtendWith(SharedPair.class)
final class QemuMirrorTest {

    private static final long BYTES = 32 * DiskSpec.MIB;

    private final SitePair pair;

    @TempDir
    @SuppressWarnings("NullAway.Init") // JUnit does that
    private Path folder;

    QemuMirrorTest(SitePair pair) {
        this.pair = pair;
    }

    @Test
    void aWriteBlockingMirrorIsCutByTimeOnceRestWasToldThatItIsInSync() {
        pair.protect("active", new DiskSpec("disk", BYTES, "mirror-active"));
        try (QemuSource source = new QemuSource(pair, "active", "disk", folder)) {
            // Given
            source.giveToGuest(QemuSource.LOCAL);
            source.guestDoes("write -P 1 0 4M", "write -P 2 9M 3M");
            assertThat(source.intake()).isEqualTo("empty");

            // When the job copies, with the guest's writes in between
            source.connect(0).beginMirror(QemuSource.LOCAL, "write-blocking");
            source.awaitReady();
            Moment copied = source.guestDoes("write -P 3 2M 1M", "write -P 4 20M 64k");

            // Then nothing is consistent, whatever QEMU flushed
            assertThat(source.intake()).isEqualTo("copying");
            assertThat(source.consistentPointUpTo(Long.MAX_VALUE)).isEmpty();

            // When REST is told
            assertThat(source.tellCopyEnd(0).status()).isEqualTo(200);

            // Then there is a point, and one behind each change
            assertThat(source.intake()).isEqualTo("in-sync");
            Api.Point end = source.awaitPointOfNow();
            assertThat(end.kind()).isEqualTo("copy-end");
            source.assertComesBack(end, copied);
            Moment later = source.guestDoes("write -P 5 1M 2M", "write -z 9M 1M");
            Api.Point cut = source.awaitPointOfNow();
            assertThat(cut.kind()).isEqualTo("cut");
            source.assertComesBack(cut, later);
            source.assertComesBack(end, copied);
            assertThat(kinds("active")).doesNotContain("flush");
        }
    }

    @Test
    void everyCutOfAWriteBlockingMirrorIsAPrefixOfWhatTheGuestWrote() {
        pair.protect("prefix", new DiskSpec("disk", BYTES, "mirror-active"));
        try (QemuSource source = new QemuSource(pair, "prefix", "disk", folder)) {
            // Given
            source.giveToGuest(QemuSource.LOCAL).connect(0).beginMirror(QemuSource.LOCAL, "write-blocking");
            source.awaitReady();
            source.tellCopyEnd(0);
            long before = source.now().sequence();

            // When
            try (Tool writer = Tool.start("nbdsh", "-u", source.guestUri(), "-c", """
                    for number in range(1, 8000):
                        h.pwrite(number.to_bytes(8, 'little') * 512, number * 4096)
                    """)) {
                Await.until("some cuts", () -> cutsBehind("prefix", before).size() >= 3 || !writer.isRunning());
            }
            source.awaitPointOfNow();

            // Then
            for (Api.Point cut : cutsBehind("prefix", before)) {
                Api.Drill drill = pair.replica().api().drill("prefix", cut);
                Nbd.shell(drill.uri("disk"), """
                        number = 1
                        while number < 8000 and h.pread(4096, number * 4096) == number.to_bytes(8, 'little') * 512:
                            number += 1
                        while number < 8000:
                            assert h.pread(4096, number * 4096) == bytes(4096), number
                            number += 1
                        """);
                pair.replica().api().end(drill);
            }
        }
    }

    @Test
    void aWriteBlockingMirrorThatGoesAwayIsSuspectFromItsLastRecord() {
        pair.protect("gone", new DiskSpec("disk", BYTES, "mirror-active"));
        try (QemuSource source = new QemuSource(pair, "gone", "disk", folder)) {
            // Given
            source.giveToGuest(QemuSource.LOCAL).connect(0).beginMirror(QemuSource.LOCAL, "write-blocking");
            source.awaitReady();
            source.tellCopyEnd(0);
            Moment first = source.guestDoes("write -P 1 0 1M");
            Api.Point good = source.awaitPointOfNow();
            source.guestDoes("write -P 2 1M 1M");
            Api.Point doubtful = source.awaitPointOfNow();

            // When QEMU ends, with a flush and a goodbye
            source.terminate();
            Await.until("the end of the connection", () -> source.intake().equals("suspect"));
            pair.awaitReplicated();

            // Then
            assertThat(source.view().path("intake").path("gaps").asInt()).isEqualTo(1);
            assertThat(source.view().path("intake").path("since").asLong())
                    .isBetween(good.sequence(), doubtful.sequence());
            List<Long> consistent = pair.replica().api().consistentPoints("gone").stream()
                    .map(Api.Point::sequence)
                    .toList();
            assertThat(consistent).contains(good.sequence()).doesNotContain(doubtful.sequence());
            assertThat(pair.replica()
                            .api()
                            .ask("POST", "/drills", "{\"vm\":\"gone\",\"point\":\"" + doubtful.sequence() + "\"}")
                            .status())
                    .isEqualTo(404);
            source.assertComesBack(good, first);
            assertThat(source.tellCopyEnd(0).status())
                    .as("told of a copy before the gap")
                    .isEqualTo(409);
            assertThat(source.tellCopyEnd(1).status()).as("nobody is connected").isEqualTo(409);
            assertThat(source.intake()).isEqualTo("suspect");
        }
    }

    @Test
    void aBackgroundMirrorHasOnePointForEachCompletionThatRestWasToldOf() {
        pair.protect("background", new DiskSpec("disk", BYTES, "mirror-background"));
        try (QemuSource source = new QemuSource(pair, "background", "disk", folder)) {
            // Given
            source.giveToGuest(QemuSource.LOCAL).connect(0);
            source.guestDoes("write -P 1 0 8M");

            // When a job completes
            source.beginMirror(QemuSource.LOCAL, "background");
            source.guestDoes("write -P 2 4M 8M", "flush", "write -P 3 1M 64k");
            source.awaitReady();
            assertThat(source.intake()).isEqualTo("copying");
            source.completeMirror();

            // Then that is a point as soon as REST was told, not before
            assertThat(source.consistentPointUpTo(Long.MAX_VALUE)).isEmpty();
            Moment first = source.now();
            assertThat(source.tellCopyEnd(0).status()).isEqualTo(200);
            Api.Point end = source.awaitPointOfNow();
            assertThat(end.kind()).isEqualTo("copy-end");
            source.assertComesBack(end, first);

            // When the next one is on its way
            source.guestDoes("write -P 4 0 1M", "write -P 5 30M 1M");
            source.beginMirror(QemuSource.LOCAL, "background");
            source.awaitReady();

            // Then its blocks are in no point, and the last good one is still there (I8)
            assertThat(source.intake()).isEqualTo("copying");
            assertThat(source.consistentPointUpTo(Long.MAX_VALUE)).contains(end);
            source.assertComesBack(end, first);

            // When that one completes too
            source.completeMirror();
            Moment second = source.now();
            source.tellCopyEnd(0);

            // Then
            source.assertComesBack(source.awaitPointOfNow(), second);
            source.assertComesBack(end, first);
            assertThat(kinds("background")).containsOnly("copy-end");
        }
    }

    private List<String> kinds(String vm) {
        return pair.replica().api().points(vm).stream().map(Api.Point::kind).toList();
    }

    private List<Api.Point> cutsBehind(String vm, long sequence) {
        return pair.replica().api().consistentPoints(vm).stream()
                .filter(point -> point.kind().equals("cut") && point.sequence() > sequence)
                .toList();
    }
}
