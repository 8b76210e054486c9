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

/** nbdinfo, nbdcopy and nbdsh. */
@Tag("clients")
class LibnbdIT {
    private final Served served = Served.plainly();

    @AfterEach
    void stop() {
        served.close();
    }

    @Test
    void nbdinfoSeesWhatIsOffered() {
        // When
        String info = Tool.run("nbdinfo", served.uri("disk"));

        // Then
        assertThat(info)
                .contains("newstyle-fixed without TLS, using structured packets")
                .contains("export-size: " + Served.DISK_BYTES)
                .contains("base:allocation")
                .contains("is_rotational: false", "is_read_only: false")
                .contains("can_cache: true", "can_df: true", "can_fast_zero: true", "can_flush: true")
                .contains("can_fua: true", "can_multi_conn: true", "can_trim: true", "can_zero: true")
                .contains("block_size_minimum: 1", "block_size_preferred: 4096", "block_size_maximum: 33554432");
    }

    @Test
    void nbdinfoSeesWhatIsNotOffered() {
        // When
        String info = Tool.run("nbdinfo", served.uri("frozen"));

        // Then
        assertThat(info)
                .contains("is_rotational: true", "is_read_only: true")
                .contains("can_fast_zero: false", "can_trim: false", "can_zero: false");
    }

    @Test
    void nbdinfoListsTheExports() {
        // When
        String list = Tool.run("nbdinfo", "--list", "nbd://localhost:" + served.port());

        // Then
        assertThat(list)
                .contains("export=\"disk\"", "export=\"huge\"", "export=\"frozen\"")
                .contains("description: cannot be written");
    }

    @Test
    void nbdinfoListsNothingWhereThatIsHidden() {
        try (Served hidden = Served.hidden()) {
            assertThat(Tool.fail("nbdinfo", "--list", "nbd://localhost:" + hidden.port()))
                    .contains("server replied with error");
            assertThat(Tool.run("nbdinfo", "--size", hidden.uri("huge")).trim())
                    .isEqualTo(Long.toString(Served.HUGE_BYTES));
        }
    }

    @Test
    void nbdinfoMapsAHugeDisk() {
        // Given
        nbdsh("huge", "h.pwrite(b'x' * 65536, 1 << 45)");

        // When
        String map = Tool.run("nbdinfo", "--map", "--totals", served.uri("huge"));

        // Then
        assertThat(map)
                .containsPattern("65536 +0\\.0% +0 data")
                .containsPattern("70368744112128 +100\\.0% +3 hole,zero");
    }

    @Test
    void nbdcopyCopiesBothWays(@TempDir Path directory) throws IOException {
        // Given
        Path original = randomFile(directory, (int) Served.DISK_BYTES);
        Path copy = directory.resolve("copy");
        Path again = directory.resolve("again");

        // When
        Tool.run("nbdcopy", "--flush", original.toString(), served.uri("disk"));
        Tool.run("nbdcopy", served.uri("disk"), copy.toString());
        Tool.run(
                "nbdcopy",
                "--connections=8",
                "--requests=128",
                "--request-size=65536",
                served.uri("disk"),
                again.toString());

        // Then
        assertThat(Files.mismatch(original, copy)).isEqualTo(-1);
        assertThat(Files.mismatch(original, again)).isEqualTo(-1);
    }

    @Test
    void nbdcopyWritesOnManyConnections(@TempDir Path directory) throws IOException {
        // Given
        Path original = randomFile(directory, (int) Served.DISK_BYTES);
        Path copy = directory.resolve("copy");

        // When
        Tool.run(
                "nbdcopy",
                "--connections=4",
                "--requests=64",
                "--request-size=33554432",
                original.toString(),
                served.uri("disk"));
        Tool.run("nbdcopy", "--synchronous", served.uri("disk"), copy.toString());

        // Then
        assertThat(Files.mismatch(original, copy)).isEqualTo(-1);
    }

    @Test
    void nbdcopyCopiesFromServerToServer(@TempDir Path directory) throws IOException {
        // Given
        Path original = randomFile(directory, 4 << 20);
        Tool.run("nbdcopy", original.toString(), served.uri("disk"));
        try (Served other = Served.plainly()) {

            // When
            Tool.run("nbdcopy", served.uri("disk"), other.uri("disk"));

            // Then
            Tool.run("qemu-img", "compare", served.uri("disk"), other.uri("disk"));
        }
    }

    @Test
    void nbdshUsesEveryCommand() {
        nbdsh("disk", """
                h.pwrite(b'a' * 65536, 0)
                h.pwrite(b'b' * 512, 65536, nbd.CMD_FLAG_FUA)
                h.flush()
                h.cache(65536, 0)
                h.zero(4096, 0)
                h.zero(4096, 8192, nbd.CMD_FLAG_NO_HOLE)
                h.zero(4096, 16384, nbd.CMD_FLAG_FAST_ZERO | nbd.CMD_FLAG_FUA)
                h.trim(4096, 24576, nbd.CMD_FLAG_FUA)
                assert h.pread(4096, 0) == bytes(4096)
                assert h.pread(4096, 4096) == b'a' * 4096
                assert h.pread(4096, 8192) == bytes(4096)
                assert h.pread(4096, 16384) == bytes(4096)
                assert h.pread(512, 65536) == b'b' * 512
                """);
    }

    @Test
    void nbdshReadsInOneChunkHoweverLarge() {
        nbdsh("disk", """
                import os
                data = os.urandom(32 << 20)
                h.pwrite(data, 0)
                chunks = []
                def chunk(buf, offset, status, err):
                    chunks.append((offset, len(buf)))
                assert h.pread_structured(32 << 20, 0, chunk, nbd.CMD_FLAG_DF) == data
                assert chunks == [(0, 32 << 20)], chunks
                chunks.clear()
                assert h.pread_structured(32 << 20, 0, chunk) == data
                assert sum(length for offset, length in chunks) == 32 << 20
                assert all(length <= 1 << 20 for offset, length in chunks)
                """);
    }

    @Test
    void nbdshAsksForBlockStatus() {
        Tool.run("nbdsh", "--base-allocation", "-u", served.uri("disk"), "-c", """
                h.pwrite(b'a' * 65536, 65536)
                found = []
                def extents(context, offset, entries, err):
                    assert context == nbd.CONTEXT_BASE_ALLOCATION
                    found.append((offset, entries))
                h.block_status(262144, 0, extents)
                assert found == [(0, [65536, 3, 65536, 0, 131072, 3])], found
                found.clear()
                h.block_status(262144, 65536, extents, nbd.CMD_FLAG_REQ_ONE)
                assert found == [(65536, [65536, 0])], found
                """);
    }

    @Test
    void nbdshIsToldWhatIsWrong() {
        nbdsh("disk", """
                import errno
                def expect(number, call):
                    try:
                        call()
                    except nbd.Error as error:
                        assert error.errnum == number, (error.errnum, error.string)
                    else:
                        assert False, 'no error'
                h.set_strict_mode(0)
                size = h.get_size()
                expect(errno.ENOSPC, lambda: h.pwrite(b'x' * 512, size - 511))
                expect(errno.ENOSPC, lambda: h.zero(512, size))
                expect(errno.ENOSPC, lambda: h.trim(512, size - 1))
                expect(errno.EINVAL, lambda: h.pread(512, size - 511))
                expect(errno.EINVAL, lambda: h.pread_structured(512, size, lambda *chunk: 0, nbd.CMD_FLAG_DF))
                expect(errno.EINVAL, lambda: h.cache(512, size))
                expect(errno.EINVAL, lambda: h.pread(512, 0, nbd.CMD_FLAG_NO_HOLE))
                expect(errno.EINVAL, lambda: h.pwrite(b'x', 0, nbd.CMD_FLAG_DF))
                expect(errno.EINVAL, lambda: h.pwrite(b'', 0))
                expect(errno.EINVAL, lambda: h.pwrite(bytes((32 << 20) + 4096), 0))
                expect(errno.EINVAL, lambda: h.pread((32 << 20) + 4096, 0))
                h.pwrite(b'still here', 0)
                assert h.pread(10, 0) == b'still here'
                """);
    }

    @Test
    void nbdshMayNotWriteAReadOnlyExport() {
        nbdsh("frozen", """
                import errno
                h.set_strict_mode(0)
                for call in (lambda: h.pwrite(bytes(65536), 0), lambda: h.zero(512, 0), lambda: h.trim(512, 0)):
                    try:
                        call()
                        assert False, 'no error'
                    except nbd.Error as error:
                        assert error.errnum == errno.EPERM, error.string
                assert h.pread(512, 0) == bytes(512)
                """);
    }

    @Test
    void nbdshZeroesMoreThanAPayloadCouldBe() {
        nbdsh("huge", """
                h.pwrite(b'x' * 512, 1 << 30)
                h.zero((1 << 32) - 4096, 0)
                assert h.pread(512, 1 << 30) == bytes(512)
                h.trim((1 << 32) - 4096, 1 << 40)
                """);
    }

    @Test
    void nbdshHasManyRequestsInFlight() {
        nbdsh("disk", """
                import os
                data = [os.urandom(4096) for i in range(1000)]
                for i in range(1000):
                    h.aio_pwrite(nbd.Buffer.from_bytearray(bytearray(data[i])), i * 4096, completion=lambda e: 1)
                while h.aio_in_flight() > 0:
                    h.poll(-1)
                buffers = [nbd.Buffer(4096) for i in range(1000)]
                for i in range(1000):
                    h.aio_pread(buffers[i], i * 4096, completion=lambda e: 1)
                while h.aio_in_flight() > 0:
                    h.poll(-1)
                assert all(bytes(buffers[i].to_bytearray()) == data[i] for i in range(1000))
                """);
    }

    @Test
    void nbdshDoesWithoutStructuredReplies() {
        Tool.run("nbdsh", "-c", """
                import os
                h.set_request_structured_replies(False)
                h.connect_uri('%s')
                assert not h.get_structured_replies_negotiated()
                data = os.urandom(5 << 20)
                h.pwrite(data, 12345)
                assert h.pread(5 << 20, 12345) == data
                """.formatted(served.uri("disk")));
    }

    @Test
    void nbdshSpeaksTheOldestNewstyle() {
        Tool.run("nbdsh", "-c", """
                h.set_handshake_flags(0)
                h.connect_uri('%s')
                assert h.get_protocol() == 'newstyle', h.get_protocol()
                h.pwrite(b'old', 0)
                assert h.pread(3, 0) == b'old'
                """.formatted(served.uri("disk")));
    }

    @Test
    void nbdinfoHearsThatThereIsNoSuchExport() {
        assertThat(Tool.fail("nbdinfo", served.uri("none"))).contains("No such file or directory");
    }

    private void nbdsh(String export, String script) {
        Tool.run("nbdsh", "-u", served.uri(export), "-c", script);
    }

    private static Path randomFile(Path directory, int bytes) throws IOException {
        byte[] content = new byte[bytes];
        new Random(bytes).nextBytes(content);
        return Files.write(directory.resolve("original"), content);
    }
}
