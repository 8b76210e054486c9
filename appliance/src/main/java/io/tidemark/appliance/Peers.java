package io.tidemark.appliance;

import io.tidemark.link.Destination;
import io.tidemark.state.DurableFile;
import io.tidemark.target.TargetUri;
import io.tidemark.vm.Name;
import io.tidemark.vm.VmDocument;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Collection;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.ConcurrentSkipListMap;
import java.util.stream.Stream;

/** The sites that are registered here, each in a file of its own. Read by any thread; changed by one at a time. */
final class Peers {

    /** Each may have a journal of its own, with segments made ahead and threads. */
    static final int PEERS_MAX = 64;

    private static final String SUFFIX = ".json";

    private final Path folder;
    private final Map<String, Peer> peers = new ConcurrentSkipListMap<>();

    Peers(Path folder) throws IOException {
        this.folder = folder;
        Files.createDirectories(folder);
        try (Stream<Path> files = Files.list(folder)) {
            for (Path each :
                    files.filter(file -> file.toString().endsWith(SUFFIX)).toList()) {
                Optional<Peer> peer = file(each).read();
                if (peer.isPresent()) {
                    requireRight(each, peer.get());
                    peers.put(peer.get().name(), peer.get());
                }
            }
        }
    }

    /** What people have registered was checked then; what is in a file may be anything. */
    private static void requireRight(Path file, Peer peer) throws IOException {
        try {
            new Name(peer.name());
            switch (peer.kind()) {
                case SITE -> peer.addresses().forEach(Addresses::parse);
                case NBD -> peer.addresses().forEach(TargetUri::parse);
            }
            if (peer.connections() < 1
                    || peer.connections() > Destination.CONNECTIONS_MAX
                    || peer.rateBytesPerSecond() < 0) {
                throw new IllegalArgumentException(
                        peer.connections() + " connections and " + peer.rateBytesPerSecond() + " bytes a second");
            }
        } catch (IllegalArgumentException e) {
            throw new IOException(file + " cannot be understood: " + e.getMessage(), e);
        }
        if (!file.getFileName().toString().equals(peer.name() + SUFFIX)) {
            throw new IOException(file + " is of peer " + peer.name());
        }
    }

    Collection<Peer> all() {
        return List.copyOf(peers.values());
    }

    Optional<Peer> find(String name) {
        return Optional.ofNullable(peers.get(name));
    }

    /** Registers the peer, or changes what is known of it; durable on return. */
    void put(Peer peer) throws IOException {
        file(pathOf(peer.name())).write(peer);
        peers.put(peer.name(), peer);
    }

    /** Forgets the peer; durable on return. */
    void remove(String name) throws IOException {
        peers.remove(name);
        file(pathOf(name)).delete();
    }

    private Path pathOf(String name) {
        return folder.resolve(new Name(name) + SUFFIX);
    }

    private static DurableFile<Peer> file(Path path) {
        return new DurableFile<>(path, Peer.class, VmDocument.mapper());
    }
}
