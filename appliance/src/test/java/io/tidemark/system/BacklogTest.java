package io.tidemark.system;

import static org.assertj.core.api.Assertions.assertThat;

import io.tidemark.system.NbdConnection.Command;
import java.io.IOException;
import java.net.URI;
import java.util.Map;
import java.util.Random;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.RegisterExtension;

/**
 * A replica that is away for longer than the journal can hold what is written: guests go on, and when it is back it gets what it lacks and not
 * much more, over kills at both sites (I3, I5, I6, I7, I8).
 */
@Tag("kill")
final class BacklogTest {

    private static final int MIB = 1 << 20;
    private static final int QUOTA_MIB = 160;
    private static final int DISK_MIB = 64;
    private static final int HOT_MIB = 16;
    private static final long COPIED_MAX = (HOT_MIB + 8L) * MIB; // and what else is in the segment where it begins

    @RegisterExtension
    final Sites sites = new Sites();

    private final Random random = new Random(5);
    private final byte[] expected = new byte[DISK_MIB * MIB];

    @Test
    void aReplicaThatIsAwayForLongCostsNoWriteAndGetsWhatItLacks() throws IOException {
        SitePair pair = sites.pair(Map.of(
                "TIDEMARK_JOURNAL_SEGMENT_BYTES", "8M",
                "TIDEMARK_JOURNAL_QUOTA", QUOTA_MIB + "M",
                "TIDEMARK_VOLUME_FORCE_INTERVAL", "100ms"));
        String busy = pair.protect("busy", DiskSpec.direct("disk", DISK_MIB));
        String quiet = pair.protect("quiet", DiskSpec.direct("disk", DISK_MIB));
        write(busy, DISK_MIB, DISK_MIB);
        Nbd.qemuIo(quiet, "write -P 7 0 1M", "flush");
        pair.awaitReplicated();
        Api.Point before = pair.replica().api().consistentPoints("busy").getFirst();

        // When more is written to a part of the disk than the journal can hold
        pair.replica().stop();
        write(busy, 2 * QUOTA_MIB, HOT_MIB);

        // Then
        assertThat(pair.source().api().events())
                .anyMatch(event -> event.path("kind").asText().equals("backlog-given-up"));
        assertThat(copyLeft(pair, "busy")).isBetween((long) MIB, COPIED_MAX);

        // When the source dies, and more is written
        pair.source().kill();
        pair.source().start();
        write(busy, QUOTA_MIB, HOT_MIB);

        // Then it has forgotten nothing, and what else is on the disk is not copied
        assertThat(copyLeft(pair, "busy")).isBetween((long) MIB, COPIED_MAX);
        assertThat(copyLeft(pair, "quiet")).isLessThanOrEqualTo(MIB);

        // When the replica is back, and dies in the middle of the copy
        pair.replica().start();
        assertThat(pair.replica().api().points("busy")).contains(before);
        Await.until("some of the copy", () -> copyLeft(pair, "busy") < (long) HOT_MIB * MIB / 2);
        pair.replica().kill();
        pair.replica().start();

        // Then
        Await.until("the end of the copy", () -> copyLeft(pair, "busy") == 0 && copyLeft(pair, "quiet") == 0);
        pair.awaitReplicated();
        Api.Point newest = Await.value(
                "a point behind it",
                () -> pair.replica().api().consistentPoints("busy").getFirst(),
                point -> point.sequence() > before.sequence());
        assertThat(newest.kind()).isEqualTo("copy-end");
        pair.assertSameAtBothSites("busy");
        pair.assertSameAtBothSites("quiet");
        Api.Drill drill = pair.replica().api().drill("busy", "latest");
        try (NbdConnection reader = new NbdConnection(URI.create(drill.uri("disk")))) {
            for (int at = 0; at < expected.length; at += MIB) {
                assertThat(reader.read(at, MIB)).isEqualTo(java.util.Arrays.copyOfRange(expected, at, at + MIB));
            }
        }
    }

    /** Writes so much at random to the first part of the disk; a refused write is a failure. */
    private void write(String uri, int mib, int partMib) throws IOException {
        try (NbdConnection client = new NbdConnection(URI.create(uri))) {
            byte[] block = new byte[MIB];
            for (int i = 0; i < mib; i++) {
                random.nextBytes(block);
                int at = (mib == partMib ? i : random.nextInt(partMib)) * MIB;
                client.run(Command.WRITE, at, MIB, block);
                System.arraycopy(block, 0, expected, at, MIB);
            }
            client.run(Command.FLUSH, 0, 0);
        }
    }

    private static long copyLeft(SitePair pair, String vm) {
        return pair.source().api().disk(vm, "disk").path("copyLeftBytes").asLong();
    }
}
