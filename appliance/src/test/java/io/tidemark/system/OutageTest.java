package io.tidemark.system;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.Map;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.RegisterExtension;

/** A replica that was away gets what there is, not all that was: in ranges that the smallest segments take. */
@Tag("clients")
final class OutageTest {

    private static final int ROUNDS = 24;
    private static final long MERGED_AWAY_MIN = 8 << 20;

    @RegisterExtension
    final Sites sites = new Sites();

    @Test
    void whatWasOverwrittenMeanwhileIsNotShipped() {
        SitePair pair =
                sites.pair(Map.of("TIDEMARK_JOURNAL_SEGMENT_BYTES", "8M", "TIDEMARK_SHIP_MERGE_AFTER", "100ms"));
        String uri = pair.protect("shop", DiskSpec.direct("disk", 8));
        Nbd.qemuIo(uri, "write -P 1 0 1M", "flush");
        pair.awaitReplicated();
        pair.replica().stop();
        for (int round = 2; round < ROUNDS; round++) {
            Nbd.qemuIo(uri, "write -P " + round + " 0 1M", "flush");
        }
        Nbd.qemuIo(uri, "write -P 99 2M 64k", "flush");
        for (int round = 2; round < ROUNDS / 3; round++) {
            Nbd.qemuIo(uri, "write -P " + round + " 4M 3M", "flush"); // more than one range holds
        }

        // When
        pair.replica().start();
        pair.awaitReplicated();

        // Then
        assertThat(pair.link().path("mergedAwayBytes").asLong()).isGreaterThan(MERGED_AWAY_MIN);
        Api.Drill drill = pair.replica().api().drill("shop", "latest");
        Nbd.compare(drill.uri("disk"), uri);
    }
}
