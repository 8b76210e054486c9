package io.tidemark.system.target;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import io.tidemark.system.Api;
import io.tidemark.system.Await;
import io.tidemark.system.Certificates;
import io.tidemark.system.DiskSpec;
import io.tidemark.system.Nbd;
import io.tidemark.system.Site;
import io.tidemark.system.Sites;
import java.io.IOException;
import java.io.RandomAccessFile;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.stream.Stream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.RegisterExtension;

/** Disks that are shipped to the NBD servers that are out there. */
@Tag("clients")
class TargetTest {

    private static final int MIB = 1 << 20;

    @RegisterExtension
    final Sites sites = new Sites();

    private final Server server = new Server();
    private Path folder;
    private Site site;

    @BeforeEach
    void start() {
        site = sites.site("north", Map.of("TIDEMARK_LINK_PLAINTEXT_ON_LOOPBACK", "true"));
        folder = sites.folder();
        site.start();
    }

    @AfterEach
    void end() {
        server.close();
    }

    @Test
    void aVmIsTheSameAtNbdkitWhateverWasThereBefore() throws IOException {
        // Given exports of which one is larger than its disk, and both hold something else
        Path system = image("shop-system", 64 * MIB);
        Path data = image("shop-data", 33 * MIB);
        server.start("nbdkit", "-f", "file", "dir=" + folder);
        register("{vm}-{disk}");

        // When
        protect("shop", DiskSpec.direct("system", 64), DiskSpec.direct("data", 32));
        Nbd.qemuIo(site.uri("shop/system"), "write -P 7 1M 20M", "write -z 5M 1M", "discard 8M 2M", "flush");
        Nbd.qemuIo(site.uri("shop/data"), "write -P 9 0 3M", "write -P 8 1M 512", "write -P 6 2M 5k", "flush");
        awaitShipped();

        // Then
        compare("shop/system", system, 64 * MIB);
        compare("shop/data", data, 32 * MIB);
        JsonNode target = peer().path("target");
        assertThat(target.path("vms").path(0).path("consistent").asBoolean())
                .as(target.toString())
                .isTrue();
        assertThat(target.path("writing").asBoolean()).isFalse();
        assertThat(target.path("connections").asInt()).isEqualTo(2 * 8);
        Await.until("the meter's next sample", () -> site.api()
                .meter("tidemark_target_consistent", "vm=\"shop\"")
                .equals(Optional.of(1.0)));
        assertThat(site.api().get("/site").path("problems")).isEmpty();
    }

    @Test
    void aTargetThatIsKilledAgainAndAgainHasEverythingInTheEnd() throws IOException {
        // Given
        Path disk = image("disk", 16 * MIB);
        Object[] qemu = {"qemu-nbd", "-t", "-f", "raw", "-x", "disk", "-e", "16", disk};
        server.start(qemu);
        register("disk");
        protect("vm", DiskSpec.direct("disk", 16));
        try (Rewriter writer = new Rewriter(site.uri("vm/disk"), 1, folder.resolve("stop"))) {
            for (int kill = 0; kill < 4; kill++) {
                writer.awaitProgress(500);

                // When
                server.kill();
                Await.until("word of it", () -> !link().path("problem").asText().isEmpty());
                writer.awaitProgress(100);
                server.start(qemu);
                Await.until(
                        "the target's return",
                        () -> link().path("state").asText().equals("shipping"));
            }
            long last = writer.stop();
            awaitShipped();

            // Then
            assertThat(Rewriter.prefixOn(disk)).isEqualTo(last);
        }
        assertThat(site.api().events())
                .anyMatch(event -> event.path("kind").asText().equals("link-down"))
                .anyMatch(event -> event.path("kind").asText().equals("link-up"));
    }

    @Test
    void anApplianceThatIsKilledGoesOnFromWhatItKnows() throws IOException {
        // Given
        Path disk = image("disk", 16 * MIB);
        server.start("qemu-nbd", "-t", "-f", "raw", "-x", "disk", "-e", "16", disk);
        register("disk");
        protect("vm", DiskSpec.direct("disk", 16));
        long last = 0;
        for (int kill = 0; kill < 4; kill++) {
            try (Rewriter writer = new Rewriter(site.uri("vm/disk"), last + 1, folder.resolve("stop" + kill))) {
                writer.awaitProgress(500);

                // When
                site.kill();
                writer.awaitFailure();
                site.start();
            }
            last = lastOn(site.uri("vm/disk"));
        }
        awaitShipped();

        // Then
        assertThat(Rewriter.prefixOn(disk)).isEqualTo(last);
        compare("vm/disk", disk, 16 * MIB);
    }

    @Test
    void atEveryFlushTheTargetIsExactlyAPrefix() throws IOException {
        // Given a server that keeps what it holds at each flush
        Path disk = image("disk", MIB);
        Files.write(disk, new byte[MIB]);
        Path kept = Files.createDirectory(folder.resolve("kept"));
        server.start(
                "nbdkit",
                "-f",
                "eval",
                "get_size=echo 1M",
                "can_multi_conn=exit 0",
                "can_write=exit 0",
                "can_flush=exit 0",
                "can_zero=exit 0",
                "thread_model=echo parallel",
                "pread=dd if=" + disk + " skip=$4 count=$3 iflag=skip_bytes,count_bytes status=none",
                "pwrite=dd of=" + disk + " conv=notrunc seek=$4 oflag=seek_bytes status=none",
                "zero=dd if=/dev/zero of=" + disk
                        + " conv=notrunc seek=$4 count=$3 oflag=seek_bytes iflag=count_bytes status=none",
                "flush=cp " + disk + " " + kept + "/$(date +%s%N)");
        register("disk");
        protect("vm", DiskSpec.direct("disk", 1));

        // When
        try (Rewriter writer = new Rewriter(site.uri("vm/disk"), 1, folder.resolve("stop"))) {
            Await.until("many flushes", () -> list(kept).size() >= 30);
            writer.stop();
        }
        awaitShipped();

        // Then
        long before = -1;
        for (Path each : list(kept)) {
            long number = Rewriter.prefixOn(each);
            assertThat(number).isGreaterThanOrEqualTo(before);
            before = number;
        }
        assertThat(before).isPositive();
    }

    @Test
    void aDiskThatIsTooLargeForItsExportIsNotRegistered() throws IOException {
        // Given
        image("vm-disk", 8 * MIB);
        server.start("nbdkit", "-f", "file", "dir=" + folder);
        register("{vm}-{disk}");

        // When
        Api.Answer answer = site.api().ask("PUT", "/vms/vm", request(DiskSpec.direct("disk", 16)));

        // Then
        assertThat(answer.status()).isEqualTo(409);
        assertThat(answer.text()).contains("has 8388608 bytes, disk disk has 16777216");
        assertThat(site.api().ask("GET", "/vms/vm", "").status()).isEqualTo(404);
    }

    @Test
    void aTargetThatIsInDoubtIsWrittenAnewOnRequest() throws IOException {
        // Given
        Path disk = image("vm-disk", 16 * MIB);
        server.start("nbdkit", "-f", "file", "dir=" + folder);
        register("{vm}-{disk}");
        protect("vm", DiskSpec.direct("disk", 16));
        Nbd.qemuIo(site.uri("vm/disk"), "write -P 7 1M 9M", "flush");
        awaitShipped();
        image("vm-disk", 16 * MIB);

        // When
        site.api().post("/vms/vm/disks/disk/copy-to-replica", Map.of());

        // Then
        Await.until(
                "the end of the copy",
                () -> site.api().disk("vm", "disk").path("ship").asText().equals("full"));
        awaitShipped();
        compare("vm/disk", disk, 16 * MIB);
    }

    @Test
    void aServerHasToProveWhoItIs() throws IOException {
        // Given
        Path known = Files.createDirectory(folder.resolve("known"));
        Certificates certificates = new Certificates(known)
                .sign("server", "store", "subjectAltName=IP:" + Site.HOST)
                .sign("client", "north", "extendedKeyUsage=clientAuth");
        Path strange = Files.createDirectory(folder.resolve("strange"));
        new Certificates(strange).sign("server", "store", "subjectAltName=IP:" + Site.HOST);
        site.stop();
        site.set("TIDEMARK_TARGET_AUTHORITIES", certificates.certificate("ca").toString());
        site.set(
                "TIDEMARK_TARGET_CERTIFICATES_CERTIFICATE",
                certificates.certificate("client").toString());
        site.set("TIDEMARK_TARGET_CERTIFICATES_KEY", certificates.key("client").toString());
        site.start();
        Path disk = image("vm-disk", 16 * MIB);
        server.start("nbdkit", "-f", "--tls=require", "--tls-certificates=" + strange, "file", "dir=" + folder);
        site.api()
                .put(
                        "/peers/store",
                        Map.of(
                                "kind",
                                "nbd",
                                "addresses",
                                List.of(server.uri("{vm}-{disk}").replace("nbd:", "nbds:"))));

        // When somebody else answers
        assertThat(site.api()
                        .ask("PUT", "/vms/vm", request(DiskSpec.direct("disk", 16)))
                        .status())
                .isEqualTo(409);
        server.kill();

        // When it is the server
        server.start(
                "nbdkit",
                "-f",
                "--tls=require",
                "--tls-certificates=" + known,
                "--tls-verify-peer",
                "file",
                "dir=" + folder);
        protect("vm", DiskSpec.direct("disk", 16));
        Nbd.qemuIo(site.uri("vm/disk"), "write -P 7 1M 9M", "flush");
        awaitShipped();

        // Then
        compare("vm/disk", disk, 16 * MIB);
    }

    @Test
    void aServerThatCannotHoldTheDiskIsRefusedUntilItCan() throws IOException {
        // Given a server that is not there
        server.start("true");
        server.kill();
        register("disk");
        protect("vm", DiskSpec.direct("disk", 16));
        Nbd.qemuIo(site.uri("vm/disk"), "write -P 5 0 1M", "flush");
        awaitProblem("refused");

        // When it is too small
        Api.Answer another = site.api().ask("PUT", "/vms/another", request(DiskSpec.direct("disk", 16)));
        assertThat(another.status()).isEqualTo(409);
        assertThat(another.text()).contains("and so is disk disk of VM vm");
        Path disk = image("disk", 8 * MIB);
        server.start("qemu-nbd", "-t", "-f", "raw", "-x", "disk", "-e", "16", disk);

        // Then
        awaitProblem("has 8388608 bytes, disk disk has 16777216");
        server.kill();

        // When it is read-only
        disk = image("disk", 16 * MIB);
        server.start("qemu-nbd", "-t", "-r", "-f", "raw", "-x", "disk", "-e", "16", disk);

        // Then
        awaitProblem("is read-only");
        server.kill();

        // When it knows no such export
        server.start("qemu-nbd", "-t", "-f", "raw", "-x", "another", "-e", "16", disk);

        // Then
        Await.until(
                "a third refusal",
                () -> site.api().events().stream()
                                .filter(event -> event.path("kind").asText().equals("target-refused"))
                                .count()
                        == 3);
        server.kill();

        // When all is well
        server.start("qemu-nbd", "-t", "-f", "raw", "-x", "disk", "-e", "16", disk);
        awaitShipped();

        // Then
        compare("vm/disk", disk, 16 * MIB);
        assertThat(site.api().get("/site").path("problems")).isEmpty();
    }

    @Test
    void aVmWhoseTargetIsGoneForGoodDoesNotHoldUpTheOthersOnceItIsRemoved() throws IOException {
        // Given
        Path bad = image("bad-disk", 16 * MIB);
        Path good = image("good-disk", 16 * MIB);
        server.start("nbdkit", "-f", "file", "dir=" + folder);
        register("{vm}-{disk}");
        protect("bad", DiskSpec.direct("disk", 16));
        protect("good", DiskSpec.direct("disk", 16));
        awaitShipped();
        server.kill();
        Files.delete(bad);
        server.start("nbdkit", "-f", "file", "dir=" + folder);
        Nbd.qemuIo(site.uri("good/disk"), "write -P 5 0 1M", "flush");
        awaitProblem("bad-disk");

        // When
        site.api().delete("/vms/bad?confirm=bad");

        // Then
        awaitShipped();
        compare("good/disk", good, 16 * MIB);
    }

    private void register(String export) {
        site.api().put("/peers/store", Map.of("kind", "nbd", "addresses", List.of(server.uri(export))));
    }

    private void protect(String vm, DiskSpec... disks) {
        Api.Answer answer = site.api().ask("PUT", "/vms/" + vm, request(disks));
        assertThat(answer.isOk()).as(answer.text()).isTrue();
    }

    private static String request(DiskSpec... disks) {
        return Api.json(Map.of(
                "peer",
                "store",
                "disks",
                Stream.of(disks)
                        .map(disk -> Map.of(
                                "name", disk.name(),
                                "sizeBytes", disk.sizeBytes(),
                                "attachMode", disk.attachMode()))
                        .toList()));
    }

    private JsonNode peer() {
        return site.api().get("/peers/store");
    }

    private JsonNode link() {
        return peer().path("link");
    }

    private void awaitProblem(String part) {
        Await.value("a problem with " + part, () -> link().path("problem").asText(), problem -> problem.contains(part));
    }

    private void awaitShipped() {
        long appended = link().path("appended").asLong();
        Await.value(
                "shipping up to record " + appended,
                this::peer,
                peer -> peer.path("link").path("replicated").asLong() >= appended
                        && !peer.path("target").path("writing").asBoolean());
    }

    /** A file that is full of something. */
    private Path image(String name, int bytes) throws IOException {
        byte[] junk = new byte[bytes];
        java.util.Arrays.fill(junk, (byte) 0x55);
        return Files.write(folder.resolve(name), junk);
    }

    private void compare(String export, Path image, long bytes) throws IOException {
        Path copy = Files.copy(image, folder.resolve("copy"), java.nio.file.StandardCopyOption.REPLACE_EXISTING);
        try (RandomAccessFile file = new RandomAccessFile(copy.toFile(), "rw")) {
            file.setLength(bytes);
        }
        Nbd.compare(site.uri(export), copy);
    }

    /** The last number of a writer whose end was not seen, as the disk tells it. */
    private long lastOn(String uri) throws IOException {
        Path copy = folder.resolve("read");
        Files.deleteIfExists(copy);
        Nbd.copy(uri, copy);
        return Rewriter.prefixOn(copy);
    }

    private static List<Path> list(Path folder) {
        try (Stream<Path> files = Files.list(folder)) {
            return files.sorted().toList();
        } catch (IOException e) {
            throw new java.io.UncheckedIOException(e);
        }
    }
}
