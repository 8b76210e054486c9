package io.tidemark.metrics;

import io.micrometer.core.instrument.FunctionCounter;
import io.micrometer.core.instrument.Meter;
import io.micrometer.core.instrument.MeterRegistry;
import io.micrometer.core.instrument.Tags;
import io.tidemark.appliance.Protection.Protected;
import io.tidemark.intake.VmStatus.DiskStatus;
import io.tidemark.journal.StreamId;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;

/** Bytes of each disk: they name the one that fills the link. Registered and removed with the disks; one thread. */
final class StreamCounters {

    private final MeterRegistry registry;
    private final DataPathMeters dataPath;
    private final Map<StreamId, List<Meter>> meters = new HashMap<>();

    StreamCounters(MeterRegistry registry, DataPathMeters dataPath) {
        this.registry = registry;
        this.dataPath = dataPath;
    }

    /** Counters for the disks of these VMs, and for no others. */
    void keep(List<Protected> vms) {
        Set<StreamId> there = new HashSet<>();
        for (Protected vm : vms) {
            for (DiskStatus disk : vm.status().disks()) {
                there.add(disk.disk().id());
                meters.computeIfAbsent(
                        disk.disk().id(),
                        id -> register(
                                id,
                                Tags.of(
                                        "vm", vm.status().vm().name().text(),
                                        "disk", disk.disk().name().text())));
            }
        }
        Set<StreamId> gone = new HashSet<>(meters.keySet());
        gone.removeAll(there);
        gone.forEach(id -> meters.remove(id).forEach(registry::remove));
    }

    private List<Meter> register(StreamId id, Tags tags) {
        return List.of(
                FunctionCounter.builder("tidemark.stream.written.bytes", dataPath, meters -> meters.writtenBytes(id))
                        .tags(tags)
                        .register(registry),
                FunctionCounter.builder("tidemark.stream.read.bytes", dataPath, meters -> meters.readBytes(id))
                        .tags(tags)
                        .register(registry));
    }
}
