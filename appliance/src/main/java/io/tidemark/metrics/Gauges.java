package io.tidemark.metrics;

import io.micrometer.core.instrument.MeterRegistry;
import io.micrometer.core.instrument.MultiGauge;
import io.micrometer.core.instrument.Tags;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;

/** Gauges whose labels come and go with what is registered: set anew each time, all at once. One thread. */
final class Gauges {

    private final MeterRegistry registry;
    private final Map<String, MultiGauge> gauges = new HashMap<>();
    private final Map<String, List<MultiGauge.Row<Number>>> rows = new HashMap<>();

    Gauges(MeterRegistry registry) {
        this.registry = registry;
    }

    /** Sets one value, until the next {@link #publish}. */
    void set(String name, Tags tags, double value) {
        rows.computeIfAbsent(name, each -> new ArrayList<>()).add(MultiGauge.Row.of(tags, value));
    }

    /** Sets one value, until the next {@link #publish}. */
    void set(String name, Tags tags, long value) {
        set(name, tags, (double) value);
    }

    /** Shows what was set since the last time, and nothing else. */
    void publish() {
        rows.keySet()
                .forEach(name -> gauges.computeIfAbsent(
                        name, each -> MultiGauge.builder(each).register(registry)));
        gauges.forEach((name, gauge) -> gauge.register(rows.getOrDefault(name, List.of()), true));
        rows.clear();
    }
}
