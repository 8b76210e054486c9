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

/** nbdinfo, nbdcopy and nbdsh on protected disks: what they write is there, and comes back at the other site. */
@Tag("clients")
@ExtendWith(SharedPair.class)
final class LibnbdTest {

    private static final long MEBIBYTES = 64;

    private final SitePair pair;

    @TempDir
    @SuppressWarnings("NullAway.Init") // JUnit does that
    private Path folder;

    LibnbdTest(SitePair pair) {
        this.pair = pair;
    }

    @Test
    void nbdinfoSeesWhatAProtectedDiskOffers() {
        // Given
        String uri = pair.protect("info", DiskSpec.direct("disk", MEBIBYTES));

        // When
        String info = Nbd.info(uri);

        // Then
        assertThat(info)
                .contains("newstyle-fixed without TLS, using structured packets")
                .contains("export-size: " + MEBIBYTES * DiskSpec.MIB)
                .contains("base:allocation")
                .contains("is_read_only: false", "can_df: true", "can_flush: true", "can_fua: true")
                .contains("can_multi_conn: true", "can_trim: true", "can_zero: true")
                .contains("block_size_minimum: 1", "block_size_preferred: 4096", "block_size_maximum: 33554432");
    }

    @Test
    void nbdinfoMapsWhatWasWritten() {
        // Given
        String uri = pair.protect("map", DiskSpec.direct("disk", MEBIBYTES));
        Nbd.shell(uri, "h.pwrite(b'x' * 65536, 1 << 20)");

        // When
        String map = Nbd.info("--map", uri);

        // Then
        assertThat(map.lines().map(line -> line.trim().replaceAll(" +", " ")))
                .containsExactly("0 1048576 3 hole,zero", "1048576 65536 0 data", "1114112 65994752 3 hole,zero");
    }

    @Test
    void nbdcopyCopiesInAndOut() throws IOException {
        // Given
        String uri = pair.protect("copied", DiskSpec.direct("disk", MEBIBYTES));
        Path original = randomFile((int) (MEBIBYTES * DiskSpec.MIB));
        Path copy = folder.resolve("copy");

        // When
        Nbd.copy(original, uri);
        Nbd.copy(uri, copy);

        // Then
        assertThat(Files.mismatch(original, copy)).isEqualTo(-1);
        pair.assertSameAtBothSites("copied");
    }

    @Test
    void nbdcopyCopiesOnManyConnectionsWithLargeRequests() throws IOException {
        // Given
        String uri = pair.protect("striped", DiskSpec.direct("disk", MEBIBYTES));
        Path original = randomFile((int) (MEBIBYTES * DiskSpec.MIB));
        Path copy = folder.resolve("copy");

        // When
        Nbd.copy(original, uri, "--connections=4", "--requests=16", "--request-size=8388608");
        Nbd.copy(uri, copy, "--connections=8", "--requests=128", "--request-size=65536");

        // Then
        assertThat(Files.mismatch(original, copy)).isEqualTo(-1);
        pair.assertSameAtBothSites("striped");
    }

    @Test
    void nbdshUsesEveryCommand() {
        // Given
        String uri = pair.protect("commands", DiskSpec.direct("disk", MEBIBYTES));

        // When
        Nbd.shell(uri, """
                assert h.can_multi_conn() and h.can_fua() and h.get_structured_replies_negotiated()
                h.pwrite(b'a' * 65536, 0)
                h.pwrite(b'b' * 512, 65536, nbd.CMD_FLAG_FUA)
                h.pwrite(b'odd', 70001)
                h.cache(65536, 0) if h.can_cache() else None
                h.zero(4096, 0)
                h.zero(4096, 8192, nbd.CMD_FLAG_NO_HOLE)
                h.zero(100, 16400, nbd.CMD_FLAG_FUA)
                h.trim(4096, 24576, nbd.CMD_FLAG_FUA)
                h.flush()
                """);

        // Then
        Nbd.shell(uri, """
                expected = bytearray(b'a' * 65536 + b'b' * 512)
                for offset, length in (0, 4096), (8192, 4096), (16400, 100), (24576, 4096):
                    expected[offset:offset + length] = bytes(length)
                assert h.pread(66048, 0) == expected
                assert h.pread(7, 69999) == bytes(2) + b'odd' + bytes(2)
                """);
        pair.assertSameAtBothSites("commands");
    }

    @Test
    void nbdshSeesAllocationChangeWithEachWriteZeroAndTrim() {
        // Given
        String uri = pair.protect("status", DiskSpec.direct("disk", MEBIBYTES));

        // When, then
        Nbd.shell(uri, """
                def runs(length, offset):
                    found = []
                    def extent(context, at, entries, err):
                        assert context == nbd.CONTEXT_BASE_ALLOCATION
                        found.extend(zip(entries[::2], entries[1::2]))
                    h.block_status(length, offset, extent)
                    return found
                assert runs(1 << 20, 0) == [(1 << 20, 3)], runs(1 << 20, 0)
                h.pwrite(b'a' * 262144, 65536)
                assert runs(1 << 20, 0) == [(65536, 3), (262144, 0), (720896, 3)], runs(1 << 20, 0)
                h.trim(65536, 131072)
                assert runs(262144, 65536) == [(65536, 0), (65536, 3), (131072, 0)], runs(262144, 65536)
                h.zero(65536, 65536)
                assert runs(262144, 65536)[0] == (131072, 3), runs(262144, 65536)
                assert h.pread(262144, 65536) == bytes(131072) + b'a' * 131072
                """);
    }

    @Test
    void nbdshIsToldWhatIsWrongAndGoesOn() {
        // Given
        String uri = pair.protect("errors", DiskSpec.direct("disk", MEBIBYTES));

        // When, then
        Nbd.shell(uri, """
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
                h.pwrite(b'here', size - 4)
                expect(errno.ENOSPC, lambda: h.pwrite(b'x' * 512, size - 511))
                expect(errno.ENOSPC, lambda: h.zero(512, size))
                expect(errno.ENOSPC, lambda: h.trim(512, size - 1))
                expect(errno.EINVAL, lambda: h.pread(512, size - 511))
                expect(errno.EINVAL, lambda: h.pread_structured(512, size, lambda *chunk: 0, nbd.CMD_FLAG_DF))
                expect(errno.EINVAL, lambda: h.pwrite(bytes((32 << 20) + 4096), 0))
                assert h.pread(4, size - 4) == b'here'
                h.flush()
                """);
        pair.assertSameAtBothSites("errors");
    }

    @Test
    void aFlushOnOneConnectionCoversAllAndEveryConnectionReadsTheSame() {
        // Given
        String uri = pair.protect("several", DiskSpec.direct("disk", MEBIBYTES));

        // When
        Nbd.shell(uri, """
                others = [nbd.NBD() for i in range(4)]
                for other in others:
                    other.connect_uri('%s')
                for i, other in enumerate(others):
                    other.pwrite(bytes([i + 1]) * 4096, i * 4096)
                    assert h.pread(4096, i * 4096) == bytes([i + 1]) * 4096
                others[0].pwrite(b'z' * 4096, 4096)
                assert all(other.pread(4096, 4096) == b'z' * 4096 for other in others)
                h.flush()
                """.formatted(uri));
        pair.awaitReplicated();

        // Then
        Api.Point flush = pair.replica().api().points("several").stream()
                .filter(point -> point.kind().equals("flush"))
                .findFirst()
                .orElseThrow();
        Api.Drill drill = pair.replica().api().drill("several", flush);
        Nbd.shell(drill.uri("disk"), """
                for i, byte in enumerate((1, ord('z'), 3, 4)):
                    assert h.pread(4096, i * 4096) == bytes([byte]) * 4096
                """);
        pair.replica().api().end(drill);
    }

    @Test
    void nbdinfoHearsThatThereIsNoSuchExport() {
        assertThat(Tool.fail("nbdinfo", pair.source().uri("nobody/disk"))).contains("No such file or directory");
    }

    private Path randomFile(int bytes) throws IOException {
        byte[] content = new byte[bytes];
        new Random(bytes).nextBytes(content);
        return Files.write(folder.resolve("original"), content);
    }
}
