package io.tidemark.metrics;

import static org.assertj.core.api.Assertions.assertThat;

import io.micrometer.core.instrument.Gauge;
import io.micrometer.core.instrument.simple.SimpleMeterRegistry;
import io.tidemark.appliance.VmWish;
import io.tidemark.stage.StagedAppliance;
import io.tidemark.stage.StagedClient;
import io.tidemark.vm.AttachMode;
import io.tidemark.vm.Membership;
import io.tidemark.vm.Name;
import java.nio.file.Path;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.atomic.AtomicLong;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** The meters of a site with two peers that cannot be reached. */
class SiteMetersTest {

    private static final long SECOND = 1_000_000_000L;
    private static final int NOBODY = 9;

    @TempDir
    Path temporary;

    private final SimpleMeterRegistry registry = new SimpleMeterRegistry();
    private final AtomicLong nanos = new AtomicLong();

    @Test
    void aPeerLagsByWhatWasWrittenForItAndByNothingElse() throws Exception {
        DataPathMeters dataPath = new DataPathMeters(registry);
        try (StagedAppliance site = new StagedAppliance("here", temporary.resolve("here"), dataPath)) {
            Forecasts forecasts = new Forecasts();
            SiteMeters meters = new SiteMeters(site.now(), dataPath, registry, forecasts, nanos::get);
            for (String peer : List.of("one", "two")) {
                site.now().putPeer(StagedAppliance.to(peer, NOBODY));
                site.now().protection().put(new Name("vm-" + peer), wish(peer));
            }
            meters.look();
            StagedClient client = site.client("vm-one/root");
            assertThat(client.write(0, new byte[64 << 10])).isTrue();
            assertThat(client.flush()).isTrue();

            nanos.addAndGet(10 * SECOND);
            meters.look();

            assertThat(gauge("tidemark.lag.bytes", "peer", "one", "watermark", "replicated"))
                    .isEqualTo(64 << 10);
            assertThat(gauge("tidemark.lag.bytes", "peer", "two", "watermark", "replicated"))
                    .isZero();
            assertThat(gauge("tidemark.lag.seconds", "peer", "one", "watermark", "replicated"))
                    .isEqualTo(10);
            assertThat(gauge("tidemark.lag.bytes", "peer", "one", "watermark", "durable"))
                    .isZero();
            assertThat(gauge("tidemark.lag.records", "peer", "one", "watermark", "replicated"))
                    .isGreaterThanOrEqualTo(4);
            assertThat(gauge("tidemark.catch.up.seconds", "peer", "one")).isInfinite();
            assertThat(forecasts.to("one").orElseThrow().secondsToCatchUp()).isEmpty();
            assertThat(forecasts.to("two").orElseThrow().secondsToCatchUp()).hasValue(0);
            assertThat(gauge("tidemark.stream.rung", "vm", "vm-one", "rung", "full"))
                    .isEqualTo(1);
            assertThat(gauge("tidemark.link.up", "peer", "one")).isZero();
            assertThat(gauge("tidemark.rpo.seconds", "vm", "vm-one")).isPositive();
            assertThat(gauge("tidemark.rpo.seconds", "vm", "vm-two")).isZero();
            assertThat(gauge("tidemark.group.rpo.seconds", "group", "of-one", "peer", "one"))
                    .isEqualTo(gauge("tidemark.rpo.seconds", "vm", "vm-one"));
            assertThat(gauge("tidemark.group.consistent", "group", "of-two")).isEqualTo(1);
            assertThat(gauge("tidemark.journal.used.bytes", "peer", "one", "role", "source"))
                    .isPositive();

            // What is gone is not shown any more, and takes nothing away.
            site.now()
                    .protection()
                    .remove(site.now().protection().find("vm-one").orElseThrow());
            meters.look();
            assertThat(registry.find("tidemark.rpo.seconds").tag("vm", "vm-one").gauges())
                    .isEmpty();
            assertThat(registry.find("tidemark.group.rpo.seconds")
                            .tag("group", "of-one")
                            .gauges())
                    .isEmpty();
            assertThat(gauge("tidemark.lag.bytes", "peer", "one", "watermark", "replicated"))
                    .isEqualTo(64 << 10);
        }
    }

    private double gauge(String name, String... tags) {
        return registry.find(name).tags(tags).gauges().stream()
                .mapToDouble(Gauge::value)
                .findFirst()
                .orElseThrow(() -> new AssertionError(name + " is not there"));
    }

    private static VmWish wish(String peer) {
        return new VmWish(
                peer,
                List.of(new VmWish.DiskWish(new Name("root"), 1 << 20, AttachMode.DIRECT, Optional.empty())),
                Optional.empty(),
                Optional.empty(),
                Optional.of(new Membership(new Name("of-" + peer), 0, 0)),
                Optional.empty(),
                Optional.empty(),
                Optional.empty());
    }
}
