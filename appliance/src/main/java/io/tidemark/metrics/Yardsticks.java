package io.tidemark.metrics;

import io.micrometer.core.instrument.Gauge;
import io.micrometer.core.instrument.MeterRegistry;
import java.time.Duration;
import java.time.InstantSource;

/** What other meters and other clocks are held against. */
public final class Yardsticks {

    private static final double MILLIS = 1e3;

    private Yardsticks() {}

    /** Shows them from now on, as they are when somebody looks. */
    public static void register(MeterRegistry registry, InstantSource clock, Duration rpoObjective) {
        Gauge.builder("tidemark.clock.seconds", clock, each -> each.millis() / MILLIS)
                .description("the clock of this site, to be held against the one of whoever looks")
                .strongReference(true)
                .register(registry);
        Gauge.builder("tidemark.rpo.objective.seconds", rpoObjective, each -> each.toMillis() / MILLIS)
                .description("what the RPO of each VM is meant to stay below")
                .strongReference(true)
                .register(registry);
    }
}
