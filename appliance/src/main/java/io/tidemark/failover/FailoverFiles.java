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
import java.util.function.Predicate;
import java.util.function.UnaryOperator;
import java.util.stream.Stream;

/** The newest failover of each VM, one file each. What is found here is durable. Any thread. */
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

    /** Changes one, unless it is gone or another has taken its place. Durable on return. */
    synchronized Optional<Failover> update(Failover known, UnaryOperator<Failover> change) throws IOException {
        Optional<Failover> now = find(known.vm().id())
                .filter(failover -> failover.term() == known.term() && failover.has(known.firstDisk()));
        return now.isPresent() ? Optional.of(write(change.apply(now.get()))) : Optional.empty();
    }

    /** Durable on return, and found from then on. */
    synchronized Failover write(Failover failover) throws IOException {
        fileOf(failover).write(failover);
        known.put(failover.vm().id(), failover);
        return failover;
    }

    /** Forgotten, durably on return. */
    synchronized void delete(Failover failover) throws IOException {
        fileOf(failover).delete();
        known.remove(failover.vm().id());
    }

    /** The one that the disk's volume here stands on a replica for. */
    Optional<Failover> under(StreamId stream) {
        return known.values().stream()
                .filter(failover -> failover.stage().standsOnReplica() && failover.has(stream))
                .findFirst();
    }

    /**
     * The oldest record of a replica that is still needed: the point that a promoted VM stands on, or the one behind which it is still to be found out what
     * its old source has changed.
     *
     * @param counts whether the failover of a VM is of any interest
     */
    Optional<Sequence> oldestNeeded(JournalId replica, Predicate<Failover> counts) {
        return known.values().stream()
                .filter(failover -> failover.replica().equals(replica))
                .flatMap(failover -> {
                    if (failover.stage().standsOnReplica()) {
                        return Stream.of(failover.point());
                    }
                    boolean open = failover.stage() == Failover.Stage.PLAIN
                            && failover.copyBack().isUndecided()
                            && counts.test(failover);
                    return open ? Stream.of(failover.aside()) : Stream.empty();
                })
                .min(Sequence::compareTo);
    }

    /** Whether nobody knows yet what is to be copied of a promoted disk. */
    boolean isUndecided(StreamId stream) {
        return known.values().stream()
                .anyMatch(
                        failover -> failover.isUnderWay() && failover.copyBack().isUndecided() && failover.has(stream));
    }

    private DurableFile<Failover> fileOf(Failover failover) {
        return new DurableFile<>(folder.resolve(failover.vm().id() + SUFFIX), Failover.class, VmDocument.mapper());
    }
}
