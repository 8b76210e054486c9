package io.tidemark.system;

import static org.assertj.core.api.Assertions.assertThat;

import io.tidemark.system.QemuSource.Moment;
import io.tidemark.system.proxy.LinkProxy;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Random;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.RegisterExtension;
import org.junit.jupiter.api.io.TempDir;

/** A disk of a QEMU whose replica begins with an image that was brought there: only what differs crosses the link. */
@Tag("clients")
final class SeedTest {

    private static final long BYTES = 192 * DiskSpec.MIB;
    private static final int BLOCK = 64 << 10;

    /** What an identical disk may cost on the wire: one byte in so many. */
    private static final int SHARE = 1000;

    @RegisterExtension
    static final Sites SITES = new Sites();

    @TempDir
    @SuppressWarnings("NullAway.Init") // JUnit does that
    private Path folder;

    @Test
    void onlyWhatDiffersFromTheSeedCrossesTheLink() throws IOException {
        SitePair pair = SITES.pair();
        try (LinkProxy proxy = new LinkProxy(Site.HOST, pair.replica().linkAddress(), new Random(1))) {
            pair.shipBy(proxy.address());

            // Given the same image, and one that is older in two places, and not empty where the disk is
            seed(pair, "same", content());
            List<String> older = new ArrayList<>(content());
            older.addAll(List.of("write -P 9 5M 4k", "write -P 9 77M 100k", "write -P 9 191M 1M"));
            seed(pair, "older", older);

            // Then
            assertThat(bytesToBeInSync(pair, proxy, "same")).isLessThan(BYTES / SHARE);
            assertThat(bytesToBeInSync(pair, proxy, "older")).isLessThan(BYTES / SHARE + 4L * BLOCK);
        }
        assertThat(pair.replica().api().events())
                .filteredOn(event -> event.path("kind").asText().equals("seed-taken"))
                .hasSize(2);
    }

    /** Protects a VM whose disk QEMU mirrors, and compares what comes back; what that has cost on the wire. */
    private long bytesToBeInSync(SitePair pair, LinkProxy proxy, String vm) throws IOException {
        long before = proxy.passed();
        pair.protect(vm, new DiskSpec("disk", BYTES, "mirror-active").withSeed());
        try (QemuSource source =
                new QemuSource(pair, vm, "disk", Files.createDirectory(folder.resolve(vm + "-qemu")))) {
            source.giveToGuest(QemuSource.LOCAL);
            Moment copied = source.guestDoes(content().toArray(String[]::new));
            source.connect(0).beginMirror(QemuSource.LOCAL, "write-blocking");
            source.awaitReady();
            assertThat(source.consistentPointUpTo(Long.MAX_VALUE)).isEmpty();
            source.tellCopyEnd(0);
            Await.until(
                    "the end of the comparison",
                    () -> source.view().path("ship").asText().equals("full"));
            Api.Point point = source.awaitPointOfNow();
            long crossed = proxy.passed() - before;
            source.assertComesBack(point, copied);
            return crossed;
        }
    }

    /** Nearly all of the disk, no two blocks of which are alike for long. */
    private static List<String> content() {
        List<String> commands = new ArrayList<>();
        for (int mebibyte = 0; mebibyte < 190; mebibyte++) {
            commands.add("write -P " + (1 + mebibyte % 7) + " " + mebibyte + "M 1M");
        }
        return commands;
    }

    /** Brings an image to the other site, as a person with a disk in a bag does. */
    private static void seed(SitePair pair, String vm, List<String> commands) throws IOException {
        Path image = pair.replica().data().resolve("seeds").resolve(vm).resolve("disk.raw");
        Files.createDirectories(image.getParent());
        Tool.run("qemu-img", "create", "-q", "-f", "raw", image, BYTES);
        Nbd.qemuIo(image.toString(), commands.toArray(String[]::new));
    }
}
