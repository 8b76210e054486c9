package io.tidemark.nbd.clients;

import static org.assertj.core.api.Assertions.assertThat;

import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;

/** fio's own NBD engine, which verifies what it has written. */
@Tag("clients")
class FioIT {
    private final Served served = Served.plainly();

    @AfterEach
    void stop() {
        served.close();
    }

    @Test
    void smallRandomWritesAreVerified() {
        assertThat(fio("--rw=randwrite", "--bs=4k", "--iodepth=64", "--size=32M"))
                .contains("err= 0");
    }

    @Test
    void oddSizesAreVerified() {
        assertThat(fio("--rw=randwrite", "--bsrange=512-256k", "--bs_unaligned=1", "--iodepth=32", "--size=48M"))
                .contains("err= 0");
    }

    @Test
    void largeWritesWithFlushesAreVerified() {
        assertThat(fio("--rw=write", "--bs=1M", "--iodepth=16", "--fsync=8", "--size=64M"))
                .contains("err= 0");
    }

    @Test
    void manyConnectionsAtOnceAreVerified() {
        assertThat(fio(
                        "--rw=randwrite",
                        "--bs=16k",
                        "--iodepth=16",
                        "--numjobs=4",
                        "--size=16M",
                        "--offset_increment=16M",
                        "--group_reporting"))
                .contains("err= 0");
    }

    @Test
    void readsAndWritesMix() {
        assertThat(fio("--rw=randrw", "--bs=8k", "--iodepth=32", "--size=32M")).contains("err= 0");
    }

    private String fio(String... options) {
        String[] line = new String[7 + options.length];
        line[0] = "fio";
        line[1] = "--name=verify";
        line[2] = "--ioengine=nbd";
        line[3] = "--uri=" + served.uri("disk");
        line[4] = "--verify=crc32c";
        line[5] = "--verify_fatal=1";
        line[6] = "--verify_state_save=0"; // else it leaves files in the source tree
        System.arraycopy(options, 0, line, 7, options.length);
        return Tool.run(line);
    }
}
