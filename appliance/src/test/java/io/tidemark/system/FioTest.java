package io.tidemark.system;

import static org.assertj.core.api.Assertions.assertThat;

import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.ExtendWith;
import org.junit.jupiter.api.io.TempDir;

/** fio verifies what it has written to a protected disk, and the other site has the same. */
@Tag("clients")
@ExtendWith(SharedPair.class)
final class FioTest {

    private final SitePair pair;

    @TempDir
    @SuppressWarnings("NullAway.Init") // JUnit does that
    private Path folder;

    FioTest(SitePair pair) {
        this.pair = pair;
    }

    @Test
    void smallRandomWritesWithFlushesAreVerified() {
        verify("fio-small", "--rw=randwrite", "--bs=4k", "--iodepth=64", "--fsync=32", "--size=32M");
    }

    @Test
    void oddSizesAreVerified() {
        verify("fio-odd", "--rw=randwrite", "--bsrange=512-256k", "--bs_unaligned=1", "--iodepth=32", "--size=48M");
    }

    @Test
    void severalConnectionsAreVerified() {
        verify(
                "fio-several",
                "--rw=randwrite",
                "--bs=16k",
                "--iodepth=16",
                "--fsync=64",
                "--numjobs=4",
                "--size=16M",
                "--offset_increment=16M",
                "--group_reporting");
    }

    private void verify(String vm, Object... options) {
        // Given
        String uri = pair.protect(vm, DiskSpec.direct("disk", 64));
        List<Object> all = new ArrayList<>(List.of("--verify=crc32c", "--verify_fatal=1", "--verify_state_save=0"));
        all.addAll(List.of(options));

        // When
        String output = Nbd.fio(uri, folder, all.toArray());
        Nbd.shell(uri, "h.flush()");

        // Then
        assertThat(output).contains("err= 0");
        pair.assertSameAtBothSites(vm);
    }
}
