package io.tidemark.appliance;

import io.tidemark.failover.Failovers;
import io.tidemark.failover.Roles;
import io.tidemark.intake.LoopOwner;
import io.tidemark.journal.log.JournalUnusable;
import java.io.IOException;
import java.nio.channels.FileChannel;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.util.Collection;
import java.util.Comparator;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.ConcurrentSkipListMap;
import java.util.function.Supplier;
import java.util.stream.Stream;

/** The journals this site ships, one for each peer that takes ours. Read by any thread; changed by one at a time. */
public final class Sources {

    /** In the folder of a journal whose peer is being forgotten: what a crash has left of that is finished. */
    static final String REMOVED = "removed";

    private final Environment environment;
    private final ApplianceSettings settings;
    private final Roles roles;
    private final Failovers failovers;
    private final Supplier<LoopOwner> owners;
    private final Path folder;
    private final Map<String, Source> byPeer = new ConcurrentSkipListMap<>();

    Sources(
            Environment environment,
            ApplianceSettings settings,
            Roles roles,
            Failovers failovers,
            Supplier<LoopOwner> owners)
            throws IOException {
        this.environment = environment;
        this.settings = settings;
        this.roles = roles;
        this.failovers = failovers;
        this.owners = owners;
        this.folder = settings.dataDirectory().resolve("journals");
        Files.createDirectories(folder);
    }

    public Collection<Source> all() {
        return List.copyOf(byPeer.values());
    }

    public Optional<Source> to(String peer) {
        return Optional.ofNullable(byPeer.get(peer));
    }

    /** Ships to the peer from now on, to where it is now. Blocks. */
    void put(Peer peer) throws IOException, JournalUnusable {
        Source known = byPeer.get(peer.name());
        if (known != null) {
            known.moveTo(peer);
        } else {
            byPeer.put(
                    peer.name(),
                    new Source(environment, settings, roles, failovers, peer, folderOf(peer), owners.get()));
        }
    }

    /**
     * Ships to the peer no longer: its journal, which protects nothing any more, is to be deleted, also by the next life.
     * Durable on return. Blocks.
     */
    void giveUp(Peer peer) throws IOException {
        Source source = byPeer.remove(peer.name());
        if (source != null) {
            source.close();
            Files.createFile(folderOf(peer).resolve(REMOVED));
            try (FileChannel channel = FileChannel.open(folderOf(peer), StandardOpenOption.READ)) {
                channel.force(true);
            }
        }
    }

    /** Whether the journal to the peer was given up. */
    boolean isGivenUp(Peer peer) {
        return Files.exists(folderOf(peer).resolve(REMOVED));
    }

    /** Deletes the journals that were given up; their peers are forgotten. Blocks. */
    void deleteGivenUp() throws IOException {
        try (Stream<Path> journals = Files.list(folder)) {
            for (Path each : journals.filter(journal -> Files.exists(journal.resolve(REMOVED)))
                    .toList()) {
                delete(each);
            }
        }
    }

    /** Ends this life of all of them. Blocks. */
    void close() {
        byPeer.values().forEach(Source::close);
        byPeer.clear();
    }

    /** What says that it is to be deleted goes last. */
    private static void delete(Path journal) throws IOException {
        Path removed = journal.resolve(REMOVED);
        try (Stream<Path> tree = Files.walk(journal)) {
            for (Path each : tree.sorted(Comparator.reverseOrder()).toList()) {
                if (!each.equals(removed) && !each.equals(journal)) {
                    Files.delete(each);
                }
            }
        }
        Files.delete(removed);
        Files.delete(journal);
    }

    private Path folderOf(Peer peer) {
        return folder.resolve(peer.journalId().toString());
    }
}
