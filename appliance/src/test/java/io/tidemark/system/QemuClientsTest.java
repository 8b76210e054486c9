package io.tidemark.system;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Random;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.ExtendWith;
import org.junit.jupiter.api.io.TempDir;

/** qemu-io and qemu-img on protected disks. */
@Tag("clients")
@ExtendWith(SharedPair.class)
final class QemuClientsTest {

    private final SitePair pair;

    @TempDir
    @SuppressWarnings("NullAway.Init") // JUnit does that
    private Path folder;

    QemuClientsTest(SitePair pair) {
        this.pair = pair;
    }

    @Test
    void qemuIoUsesEveryCommand() {
        // Given
        String uri = pair.protect("qemu-io", DiskSpec.direct("disk", 64));

        // When
        Nbd.qemuIo(
                uri,
                "write -P 0xab 0 1M",
                "write -f -P 0xcd 1M 4k",
                "aio_write -P 0x11 2M 2M",
                "aio_write -P 0x22 4M 2M",
                "aio_flush",
                "flush",
                "write -z 64k 64k",
                "write -z -u 128k 64k",
                "discard 512k 64k",
                "write -P 1 6300001 70001",
                "flush");

        // Then
        Nbd.qemuIo(
                uri,
                "read -P 0xab 0 64k",
                "read -P 0 64k 128k",
                "read -P 0xab 256k 256k",
                "read -P 0 512k 64k",
                "read -P 0xcd 1M 4k",
                "read -P 0x11 2M 2M",
                "read -P 0x22 4M 2M",
                "read -P 1 6300001 70001",
                "read -P 0 6291456 8545");
        pair.assertSameAtBothSites("qemu-io");
    }

    @Test
    void qemuImgConvertsComparesAndMaps() throws IOException {
        // Given
        String uri = pair.protect("qemu-img", DiskSpec.direct("disk", 64));
        byte[] content = new byte[5 << 20];
        new Random(1).nextBytes(content);
        Path image = folder.resolve("image.qcow2");
        Tool.run("qemu-img", "create", "-q", "-f", "qcow2", image, "64M");
        Path part = Files.write(folder.resolve("part"), content);
        Tool.run("qemu-io", "-f", "qcow2", image, "-c", "write -s " + part + " 20M 5M");
        Nbd.qemuIo(uri, "write -P 7 0 64M", "flush"); // what was there before must not shine through

        // When
        Tool.run("qemu-img", "convert", "-n", "-f", "qcow2", "-O", "raw", image, uri);

        // Then
        Tool.run("qemu-img", "compare", "-f", "qcow2", "-F", "raw", image, uri);
        assertThat(Tool.run("qemu-img", "map", "-f", "raw", "--output=json", uri))
                .contains("\"start\": 20971520, \"length\": 5242880", "\"zero\": false, \"data\": true");
        pair.assertSameAtBothSites("qemu-img");
    }
}
