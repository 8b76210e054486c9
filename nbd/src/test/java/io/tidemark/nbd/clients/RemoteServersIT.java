package io.tidemark.nbd.clients;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.tidemark.nbd.Extent;
import io.tidemark.nbd.Length;
import io.tidemark.nbd.Offset;
import io.tidemark.nbd.StatusCompletion.Allocation;
import io.tidemark.nbd.StatusCompletion.Run;
import io.tidemark.nbd.client.ClientLimits;
import io.tidemark.nbd.client.ClientTls;
import io.tidemark.nbd.client.Destination;
import io.tidemark.nbd.client.NbdClient;
import io.tidemark.nbd.client.RefusedException;
import io.tidemark.nbd.client.RemoteExport;
import io.tidemark.nbd.client.RemoteInfo.Feature;
import io.tidemark.nbd.client.Result;
import io.tidemark.nbd.transport.Transport;
import java.io.IOException;
import java.io.RandomAccessFile;
import java.nio.ByteBuffer;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Random;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionStage;
import java.util.concurrent.TimeUnit;
import java.util.function.Consumer;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Our client with the servers that are out there. */
@Tag("clients")
class RemoteServersIT {
    private static final long PATIENCE_SECONDS = 60;
    private static final int BYTES = 32 << 20;

    private final Transport transport = Transport.open("client", 1);
    private final NbdClient client = new NbdClient(transport, ClientLimits.STANDARD);

    @AfterEach
    void stop() {
        join(transport.close());
    }

    @Test
    void qemuNbdTakesAThousandWritesInFlight(@TempDir Path directory) throws IOException {
        // Given
        Path disk = sparse(directory.resolve("disk"));
        try (Peer qemu =
                Peer.run("qemu-nbd", "-f", "raw", "-x", "disk", "-e", "8", "--discard=unmap", disk.toString())) {
            RemoteExport export = join(client.connect(qemu.export("disk")));
            assertThat(export.info().size()).isEqualTo(new Length(BYTES));
            assertThat(export.info().features())
                    .contains(Feature.FLUSH, Feature.FUA, Feature.TRIM, Feature.WRITE_ZEROES, Feature.BLOCK_STATUS);
            byte[] content = writeAll(export);

            // When some of it is zeroed and given back
            assertThat(ask(told -> export.zero(new Extent(new Offset(1 << 20), new Length(1 << 20)), told)))
                    .isEqualTo(Result.DONE);
            assertThat(ask(told -> export.trim(new Extent(new Offset(4 << 20), new Length(1 << 20)), told)))
                    .isEqualTo(Result.DONE);
            assertThat(ask(export::flush)).isEqualTo(Result.DONE);

            // Then
            Arrays.fill(content, 1 << 20, 2 << 20, (byte) 0);
            Arrays.fill(content, 4 << 20, 5 << 20, (byte) 0);
            assertThat(Files.readAllBytes(disk)).isEqualTo(content);
            assertThat(readAll(export)).isEqualTo(content);
            export.close();
        }
    }

    @Test
    void qemuNbdTellsWhatIsAllocated(@TempDir Path directory) throws IOException {
        // Given 64 KiB of data in the second MiB
        Path disk = sparse(directory.resolve("disk"));
        try (RandomAccessFile file = new RandomAccessFile(disk.toFile(), "rw")) {
            file.seek(1 << 20);
            file.write(new byte[65_536]);
        }
        try (Peer qemu = Peer.run("qemu-nbd", "-f", "raw", "-x", "disk", "-r", disk.toString())) {
            RemoteExport export = join(client.connect(qemu.export("disk")));

            // When
            List<Run> runs = join(allocation(export, new Extent(Offset.ZERO, new Length(BYTES))));

            // Then
            assertThat(runs.subList(0, 2))
                    .containsExactly(
                            new Run(new Length(1 << 20), Allocation.HOLE),
                            new Run(new Length(65_536), Allocation.DATA));
            assertThat(export.info().features()).doesNotContain(Feature.WRITE);
            export.close();
        }
    }

    @Test
    void nbdkitTakesAThousandWritesInFlight() throws IOException {
        try (Peer nbdkit = Peer.run("nbdkit", "-f", "--exit-with-parent", "memory", "size=" + BYTES)) {
            RemoteExport export = join(client.connect(nbdkit.export("")));
            assertThat(export.info().features()).contains(Feature.MULTI_CONN);
            byte[] content = writeAll(export);
            assertThat(readAll(export)).isEqualTo(content);
            export.close();
        }
    }

    @Test
    void nbdkitAnswersInSimpleRepliesToo() throws IOException {
        try (Peer nbdkit = Peer.run("nbdkit", "-f", "--no-sr", "--exit-with-parent", "memory", "size=" + BYTES)) {
            RemoteExport export = join(client.connect(nbdkit.export("")));
            assertThat(export.info().features()).doesNotContain(Feature.BLOCK_STATUS);
            byte[] content = writeAll(export);
            assertThat(readAll(export)).isEqualTo(content);
            export.close();
        }
    }

    @Test
    void errorsAreThoseOfTheServer() throws IOException {
        try (Peer nbdkit = Peer.run(
                "nbdkit",
                "-f",
                "--exit-with-parent",
                "--filter=error",
                "memory",
                "size=" + BYTES,
                "error=ENOSPC",
                "error-pwrite-rate=100%")) {
            RemoteExport export = join(client.connect(nbdkit.export("")));
            assertThat(ask(told -> export.write(Offset.ZERO, ByteBuffer.allocate(512), told)))
                    .isEqualTo(new Result.Failed(28));
            assertThat(ask(told -> export.read(Offset.ZERO, ByteBuffer.allocate(512), told)))
                    .isEqualTo(Result.DONE);
            export.close();
        }
    }

    @Test
    void aServerThatDiesLeavesItsRequestsUnknown() throws IOException {
        // Given requests that take longer than any test
        Peer nbdkit = Peer.run(
                "nbdkit", "-f", "--exit-with-parent", "--filter=delay", "memory", "size=" + BYTES, "delay-write=3600");
        RemoteExport export = join(client.connect(nbdkit.export("")));
        List<CompletableFuture<Result>> writes = new ArrayList<>();
        for (int i = 0; i < 8; i++) {
            writes.add(asked(told -> export.write(Offset.ZERO, ByteBuffer.allocate(512), told)));
        }

        // When
        nbdkit.close();

        // Then
        writes.forEach(write -> assertThat(join(write)).isInstanceOf(Result.Unknown.class));
    }

    @Test
    void serversProveWhoTheyAre(@TempDir Path certificates, @TempDir Path strangers) throws IOException {
        // Given
        Authority authority = Authority.in(certificates);
        authority.sign("server", "localhost", "subjectAltName=DNS:localhost");
        authority.sign("client", "alice", "extendedKeyUsage=clientAuth");
        Authority.in(strangers);
        try (Peer nbdkit = Peer.run(
                "nbdkit",
                "-f",
                "--exit-with-parent",
                "--tls=require",
                "--tls-certificates=" + certificates,
                "--tls-verify-peer",
                "memory",
                "size=" + BYTES)) {
            ClientTls.Identity alice = new ClientTls.Certified(
                    certificates.resolve("client-cert.pem"), certificates.resolve("client-key.pem"));

            // Then whoever knows the authority gets in
            RemoteExport export = join(client.connect(
                    nbdkit.export("", new ClientTls.Verified(certificates.resolve("ca-cert.pem"), alice))));
            assertThat(readAll(export)).isEqualTo(new byte[BYTES]);
            export.close();

            // and nobody is taken in by a server that the authority does not know, or talks in plaintext
            refused(nbdkit.export("", new ClientTls.Verified(strangers.resolve("ca-cert.pem"), alice)));
            refused(nbdkit.export(""));
        }
    }

    private void refused(Destination destination) {
        assertThatThrownBy(() -> join(client.connect(destination))).hasCauseInstanceOf(RefusedException.class);
    }

    private static Path sparse(Path disk) throws IOException {
        try (RandomAccessFile file = new RandomAccessFile(disk.toFile(), "rw")) {
            file.setLength(BYTES);
        }
        return disk;
    }

    /** Writes random bytes, in as many requests at once as are allowed; those bytes. */
    private static byte[] writeAll(RemoteExport export) {
        byte[] content = new byte[BYTES];
        new Random(1).nextBytes(content);
        int piece = BYTES / ClientLimits.STANDARD.requestsInFlightMax();
        List<CompletableFuture<Result>> writes = new ArrayList<>();
        for (int at = 0; at < BYTES; at += piece) {
            int offset = at;
            writes.add(asked(told -> export.write(new Offset(offset), ByteBuffer.wrap(content, offset, piece), told)));
        }
        writes.forEach(write -> assertThat(join(write)).isEqualTo(Result.DONE));
        return content;
    }

    private static byte[] readAll(RemoteExport export) {
        ByteBuffer read = ByteBuffer.allocate(BYTES);
        assertThat(ask(told -> export.read(Offset.ZERO, read, told))).isEqualTo(Result.DONE);
        return read.array();
    }

    private static CompletableFuture<List<Run>> allocation(RemoteExport export, Extent extent) {
        CompletableFuture<List<Run>> described = new CompletableFuture<>();
        export.blockStatus(extent, new RemoteExport.StatusListener() {
            @Override
            public void onRuns(List<Run> runs) {
                described.complete(runs);
            }

            @Override
            public void onFailure(Result failure) {
                described.completeExceptionally(new AssertionError(failure.toString()));
            }
        });
        return described;
    }

    private static Result ask(Consumer<Result.Listener> request) {
        return join(asked(request));
    }

    private static CompletableFuture<Result> asked(Consumer<Result.Listener> request) {
        CompletableFuture<Result> result = new CompletableFuture<>();
        request.accept(result::complete);
        return result;
    }

    private static <T> T join(CompletionStage<T> stage) {
        return stage.toCompletableFuture()
                .orTimeout(PATIENCE_SECONDS, TimeUnit.SECONDS)
                .join();
    }
}
