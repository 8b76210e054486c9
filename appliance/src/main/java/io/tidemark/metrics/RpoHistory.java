package io.tidemark.metrics;

import io.tidemark.appliance.Appliance;
import java.time.Duration;
import java.time.Instant;
import java.time.InstantSource;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Deque;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.UUID;
import java.util.concurrent.ConcurrentHashMap;

/**
 * The RPO of each VM over the last hour, for people who look at one without a Prometheus. Looked at by one thread, read by any.
 */
public final class RpoHistory {

    /** Between two looks. */
    public static final Duration STEP = Duration.ofSeconds(10);

    /** An hour of looks. */
    static final int LOOKS_MAX = 360;

    private static final double NANOS = 1e9;

    /** What a look has seen. */
    public record Look(Instant time, float rpoSeconds) {}

    private final Appliance appliance;
    private final InstantSource clock;
    private final Map<UUID, Deque<Look>> byVm = new ConcurrentHashMap<>();

    public RpoHistory(Appliance appliance, InstantSource clock) {
        this.appliance = appliance;
        this.clock = clock;
    }

    /** Looks at all VMs that are protected here; forgets those that are not any more. */
    public void look() {
        Instant now = clock.instant();
        Set<UUID> there = new HashSet<>();
        appliance.protection().all().forEach(vm -> {
            UUID id = vm.status().vm().id().id();
            there.add(id);
            add(id, new Look(now, (float) (vm.status().rpo().toNanos() / NANOS)));
        });
        byVm.keySet().retainAll(there);
    }

    /** Of a VM, the oldest first. */
    public List<Look> of(UUID vm) {
        Deque<Look> looks = byVm.getOrDefault(vm, new ArrayDeque<>());
        synchronized (looks) {
            return new ArrayList<>(looks);
        }
    }

    private void add(UUID vm, Look look) {
        Deque<Look> looks = byVm.computeIfAbsent(vm, id -> new ArrayDeque<>());
        synchronized (looks) {
            looks.addLast(look);
            if (looks.size() > LOOKS_MAX) {
                looks.removeFirst();
            }
        }
    }
}
