package io.tidemark.nbd.clients;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Random;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** qemu-io and qemu-img. */
@Tag("clients")
class QemuIT {
    private final Served served = Served.plainly();

    @AfterEach
    void stop() {
        served.close();
    }

    @Test
    void qemuIoUsesEveryCommand() {
        // When
        String output = qemuIo(
                "write -P 0xab 0 1M",
                "write -f -P 0xcd 1M 4k",
                "aio_write -P 0x11 2M 2M",
                "aio_write -P 0x22 4M 2M",
                "aio_flush",
                "flush",
                "write -z 64k 64k",
                "write -z -u 128k 64k",
                "discard 512k 64k",
                "read -P 0xab 0 64k",
                "read -P 0 64k 128k",
                "read -P 0xab 256k 256k",
                "read -P 0 512k 64k",
                "read -P 0xcd 1M 4k",
                "read -P 0x11 2M 2M",
                "read -P 0x22 4M 2M");

        // Then
        assertThat(output).doesNotContain("Pattern verification failed", "error");
    }

    @Test
    void qemuIoCrossesEveryBoundary() {
        assertThat(qemuIo(
                        "write -P 1 1000 70001",
                        "write -P 2 1048575 2",
                        "write -P 3 33554431 33554432",
                        "read -P 1 1000 70001",
                        "read -P 2 1048575 2",
                        "read -P 3 33554431 33554432"))
                .doesNotContain("Pattern verification failed", "error");
    }

    @Test
    void qemuImgConvertsAndCompares(@TempDir Path directory) throws IOException {
        // Given an image with data, zeroes and holes
        byte[] content = new byte[(int) Served.DISK_BYTES];
        new Random(1).nextBytes(content);
        java.util.Arrays.fill(content, 8 << 20, 40 << 20, (byte) 0);
        Path original = Files.write(directory.resolve("original"), content);
        Path copy = directory.resolve("copy");

        // When
        Tool.run("qemu-img", "convert", "-n", "-f", "raw", "-O", "raw", original.toString(), served.uri("disk"));
        Tool.run("qemu-img", "convert", "-f", "raw", "-O", "raw", served.uri("disk"), copy.toString());

        // Then
        assertThat(Files.mismatch(original, copy)).isEqualTo(-1);
        assertThat(Tool.run("qemu-img", "compare", "-f", "raw", "-F", "raw", original.toString(), served.uri("disk")))
                .contains("Images are identical.");
    }

    @Test
    void qemuImgConvertsWithManyCoroutines(@TempDir Path directory) throws IOException {
        // Given
        byte[] content = new byte[(int) Served.DISK_BYTES];
        new Random(2).nextBytes(content);
        Path original = Files.write(directory.resolve("original"), content);

        // When
        Tool.run(
                "qemu-img",
                "convert",
                "-W",
                "-m",
                "16",
                "-n",
                "-f",
                "raw",
                "-O",
                "raw",
                original.toString(),
                served.uri("disk"));

        // Then
        Tool.run("qemu-img", "compare", "-f", "raw", "-F", "raw", original.toString(), served.uri("disk"));
    }

    @Test
    void qemuImgMapsWhatIsAllocated() {
        // Given
        qemuIo("write -P 1 1M 64k");

        // When
        String map = Tool.run("qemu-img", "map", "--output=json", "-f", "raw", served.uri("disk"));

        // Then
        assertThat(map.replaceAll("\\s", ""))
                .contains("\"start\":0,\"length\":1048576,\"depth\":0,\"present\":true,\"zero\":true,\"data\":false")
                .contains(
                        "\"start\":1048576,\"length\":65536,\"depth\":0,\"present\":true,\"zero\":false,\"data\":true");
    }

    @Test
    void qemuImgSeesTheSizeOfAHugeDisk() {
        assertThat(Tool.run("qemu-img", "info", "--output=json", served.uri("huge"))
                        .replaceAll("\\s", ""))
                .contains("\"virtual-size\":" + Served.HUGE_BYTES);
    }

    private String qemuIo(String... commands) {
        String[] line = new String[4 + 2 * commands.length];
        line[0] = "qemu-io";
        line[1] = "-f";
        line[2] = "raw";
        for (int i = 0; i < commands.length; i++) {
            line[3 + 2 * i] = "-c";
            line[4 + 2 * i] = commands[i];
        }
        line[line.length - 1] = served.uri("disk");
        return Tool.run(line);
    }
}
