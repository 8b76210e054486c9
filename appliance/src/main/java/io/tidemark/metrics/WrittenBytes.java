package io.tidemark.metrics;

import io.tidemark.appliance.Protection.Protected;
import io.tidemark.intake.VmStatus.DiskStatus;
import io.tidemark.journal.StreamId;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.function.ToLongFunction;

/** Bytes written to the disks of each peer's VMs so far, those of VMs that are gone included. One thread. */
final class WrittenBytes {

    private final ToLongFunction<StreamId> ofStream;
    private final Map<StreamId, Long> counted = new HashMap<>();
    private final Map<String, Long> byPeer = new HashMap<>();

    WrittenBytes(ToLongFunction<StreamId> ofStream) {
        this.ofStream = ofStream;
    }

    /** Counts what was written since the last time. */
    void look(List<Protected> vms) {
        Set<StreamId> there = new HashSet<>();
        for (Protected vm : vms) {
            for (DiskStatus disk : vm.status().disks()) {
                StreamId stream = disk.disk().id();
                long now = ofStream.applyAsLong(stream);
                long before = counted.getOrDefault(stream, 0L);
                byPeer.merge(vm.source().peer().name(), now - before, Long::sum);
                counted.put(stream, now);
                there.add(stream);
            }
        }
        counted.keySet().retainAll(there);
    }

    long to(String peer) {
        return byPeer.getOrDefault(peer, 0L);
    }
}
