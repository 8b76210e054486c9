package io.tidemark.system;

import static org.assertj.core.api.Assertions.assertThat;

import io.tidemark.system.QemuSource.Moment;
import java.nio.file.Path;
import java.util.List;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.extension.ExtendWith;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** QEMU flushes a mirror's target in the middle of a copy too: that is no word of its end, and makes no point (I7, I8). */
@Tag("clients")
@ExtendWith(SharedPair.class)
final class QemuCopyFlushTest {

    private static final long BYTES = 16 * DiskSpec.MIB;
    private static final long SLOWLY = DiskSpec.MIB; // a second: far from the end while the test goes on

    private final SitePair pair;

    @TempDir
    @SuppressWarnings("NullAway.Init") // JUnit does that
    private Path folder;

    QemuCopyFlushTest(SitePair pair) {
        this.pair = pair;
    }

    /** How QEMU can be made to flush in the middle of a copy, and to go away then. */
    enum Leaving {
        CANCEL,
        QUIT,
        TERMINATE;

        void apply(QemuSource source) {
            switch (this) {
                case CANCEL -> {
                    source.cancelMirror();
                    source.disconnect();
                }
                case QUIT -> source.quit();
                case TERMINATE -> source.terminate();
            }
        }
    }

    @ParameterizedTest
    @CsvSource({"mirror-active, write-blocking", "mirror-background, background"})
    void aMachineThatIsPausedInTheMiddleOfItsCopyEndsItOnlyByRest(String mode, String copyMode) {
        String vm = "paused-" + copyMode;
        pair.protect(vm, new DiskSpec("disk", BYTES, mode));
        try (QemuSource source = new QemuSource(Qemu.Program.MACHINE, pair, vm, "disk", folder)) {
            // Given
            source.giveToGuest(QemuSource.LOCAL).connect(0);
            source.guestDoes("write -P 1 0 16M");
            beginCopy(source, copyMode);

            // When
            double flushes = flushes();
            source.pause();

            // Then
            Await.until("its flush", () -> flushes() > flushes);
            assertThat(source.intake()).isEqualTo("copying");
            assertThat(source.consistentPointUpTo(Long.MAX_VALUE)).isEmpty();

            // When the copy is complete, and QEMU has flushed once more
            source.hurryMirror();
            source.awaitReady();
            source.pause();

            // Then
            assertThat(source.intake()).isEqualTo("copying");
            assertThat(source.consistentPointUpTo(Long.MAX_VALUE)).isEmpty();

            // When
            source.completeMirror();
            Moment copied = source.now();
            assertThat(source.tellCopyEnd(0).status()).isEqualTo(200);

            // Then
            assertThat(source.intake()).isEqualTo("in-sync");
            source.assertComesBack(source.awaitPointOfNow(), copied);
        }
    }

    @ParameterizedTest
    @CsvSource({
        "mirror-active, write-blocking, CANCEL",
        "mirror-active, write-blocking, TERMINATE",
        "mirror-background, background, CANCEL",
        "mirror-background, background, QUIT"
    })
    void aCopyThatIsGivenUpLeavesTheLastGoodPoint(String mode, String copyMode, Leaving leaving) {
        String vm = (leaving + "-" + copyMode).toLowerCase(java.util.Locale.ROOT);
        pair.protect(vm, new DiskSpec("disk", BYTES, mode));
        try (QemuSource source = new QemuSource(Qemu.Program.MACHINE, pair, vm, "disk", folder)) {
            // Given a disk that was copied once, and is being copied again
            source.giveToGuest(QemuSource.LOCAL).connect(0);
            Moment copied = source.guestDoes("write -P 1 0 16M");
            source.beginMirror(QemuSource.LOCAL, copyMode);
            source.awaitReady();
            source.completeMirror();
            source.tellCopyEnd(0);
            Api.Point good = source.awaitPointOfNow();
            source.tellCopyBegin();
            source.guestDoes("write -P 2 0 16M");
            beginCopy(source, copyMode);

            // When
            double flushes = flushes();
            leaving.apply(source);
            Await.until(
                    "the end of its connection",
                    () -> source.view().path("connections").asInt() == 0);

            // Then
            assertThat(flushes()).isGreaterThan(flushes);
            assertThat(source.intake()).isEqualTo("suspect");
            assertThat(source.consistentPointUpTo(Long.MAX_VALUE)).contains(good);
            assertThat(kinds(vm)).doesNotContain("flush");
            source.assertComesBack(good, copied);
            assertThat(source.tellCopyEnd(0).status()).isEqualTo(409);
            assertThat(source.tellCopyEnd(source.gaps()).status()).isEqualTo(409);
            assertThat(source.consistentPointUpTo(Long.MAX_VALUE)).contains(good);
        }
    }

    /** Begins a copy that takes long, and returns when a part of it has come. */
    private void beginCopy(QemuSource source, String copyMode) {
        long before = source.now().sequence();
        source.beginMirror(QemuSource.LOCAL, copyMode, SLOWLY);
        Await.until("a part of the copy", () -> pair.link().path("appended").asLong() > before + 1);
        assertThat(source.intake()).isEqualTo("copying");
    }

    private double flushes() {
        return pair.source().api().meter("tidemark_flush_seconds_count").orElse(0.0);
    }

    private List<String> kinds(String vm) {
        return pair.replica().api().points(vm).stream().map(Api.Point::kind).toList();
    }
}
