package io.tidemark.system;

import static org.assertj.core.api.Assertions.assertThat;

import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.RegisterExtension;

/** The way of a write from one site to the other, through every end of a process. */
@Tag("clients")
final class PairTest {

    @RegisterExtension
    final Sites sites = new Sites();

    @Test
    void aDiskComesBackAtTheOtherSiteThroughStopsAndKillsOfBoth() {
        // Given
        SitePair pair = sites.pair();
        String uri = pair.protect("shop", DiskSpec.direct("orders", 64));
        Nbd.qemuIo(uri, "write -P 1 0 1M", "flush");

        // When
        pair.source().stop();
        pair.source().start();
        Nbd.qemuIo(uri, "read -P 1 0 1M", "write -P 2 1M 1M", "flush");
        pair.replica().kill();
        Nbd.qemuIo(uri, "write -P 3 2M 1M", "flush");
        pair.source().kill();
        pair.replica().start();
        pair.source().start();
        Nbd.qemuIo(uri, "read -P 3 2M 1M", "write -P 4 3M 1M", "flush");
        pair.awaitReplicated();
        pair.source().kill();

        // Then
        Api.Drill drill = pair.replica().api().drill("shop", "latest");
        Nbd.qemuIo(drill.uri("orders"), "read -P 1 0 1M", "read -P 2 1M 1M", "read -P 3 2M 1M", "read -P 4 3M 1M");
        assertThat(drill.definition()).contains("shop");
    }
}
