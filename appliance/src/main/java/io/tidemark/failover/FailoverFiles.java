package io.tidemark.failover;

import io.tidemark.journal.JournalId;
import io.tidemark.journal.Sequence;
import io.tidemark.journal.StreamId;
import io.tidemark.journal.VmId;
import io.tidemark.state.DurableFile;
import io.tidemark.vm.VmDocument;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Collection;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.ConcurrentHashMap;
import java.util.stream.Stream;

/** The newest failover of each VM, one file each. What is found here is durable. Any thread; one writer of a VM at a time. */
final class FailoverFiles {

    private static final String SUFFIX = ".json";

    private final Path folder;
    private final Map<VmId, Failover> known = new ConcurrentHashMap<>();

    /** Reads what earlier lives have left. One that cannot be read keeps the site from starting: a VM may live on it. */
    FailoverFiles(Path folder) throws IOException {
        this.folder = folder;
        Files.createDirectories(folder);
        try (Stream<Path> files = Files.list(folder)) {
            for (Path each :
                    files.filter(file -> file.toString().endsWith(SUFFIX)).toList()) {
                Failover failover = new DurableFile<>(each, Failover.class, VmDocument.mapper())
                        .read()
                        .orElseThrow();
                known.put(failover.vm().id(), failover);
            }
        }
    }

    Collection<Failover> all() {
        return List.copyOf(known.values());
    }

    Optional<Failover> find(VmId vm) {
        return Optional.ofNullable(known.get(vm));
    }

    /** Durable on return, and found from then on. */
    Failover write(Failover failover) throws IOException {
        fileOf(failover).write(failover);
        known.put(failover.vm().id(), failover);
        return failover;
    }

    /** Forgotten, durably on return. */
    void delete(Failover failover) throws IOException {
        fileOf(failover).delete();
        known.remove(failover.vm().id());
    }

    /** The one that the disk's volume here stands on a replica for. */
    Optional<Failover> under(StreamId stream) {
        return known.values().stream()
                .filter(failover -> failover.stage().standsOnReplica() && failover.has(stream))
                .findFirst();
    }

    /** The oldest point of a replica that a promoted VM still needs. */
    Optional<Sequence> oldestPoint(JournalId replica) {
        return known.values().stream()
                .filter(failover ->
                        failover.stage().standsOnReplica() && failover.replica().equals(replica))
                .map(Failover::point)
                .min(Sequence::compareTo);
    }

    private DurableFile<Failover> fileOf(Failover failover) {
        return new DurableFile<>(folder.resolve(failover.vm().id() + SUFFIX), Failover.class, VmDocument.mapper());
    }
}
