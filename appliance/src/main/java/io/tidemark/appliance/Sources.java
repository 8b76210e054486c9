package io.tidemark.appliance;

import io.tidemark.intake.LoopOwner;
import io.tidemark.journal.log.JournalUnusable;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
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

    private final Environment environment;
    private final ApplianceSettings settings;
    private final Supplier<LoopOwner> owners;
    private final Path folder;
    private final Map<String, Source> byPeer = new ConcurrentSkipListMap<>();

    Sources(Environment environment, ApplianceSettings settings, Supplier<LoopOwner> owners) throws IOException {
        this.environment = environment;
        this.settings = settings;
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
            byPeer.put(peer.name(), new Source(environment, settings, peer, folderOf(peer), owners.get()));
        }
    }

    /** Ships to the peer no longer, and deletes its journal, which protects nothing any more. Blocks. */
    void remove(Peer peer) throws IOException {
        Source source = byPeer.remove(peer.name());
        if (source != null) {
            source.close();
            try (Stream<Path> tree = Files.walk(folderOf(peer))) {
                for (Path each : tree.sorted(Comparator.reverseOrder()).toList()) {
                    Files.delete(each);
                }
            }
        }
    }

    /** Ends this life of all of them. Blocks. */
    void close() {
        byPeer.values().forEach(Source::close);
        byPeer.clear();
    }

    private Path folderOf(Peer peer) {
        return folder.resolve(peer.journalId().toString());
    }
}
