package io.tidemark.replica;

import io.tidemark.events.EventLog;
import io.tidemark.journal.JournalId;
import io.tidemark.link.Admission;
import io.tidemark.link.ErrorCode;
import io.tidemark.link.Introduction;
import io.tidemark.link.ReceiverDirectory;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Collection;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.UUID;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.ConcurrentMap;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.function.BiFunction;
import java.util.function.Predicate;
import java.util.stream.Stream;

/** All journals this site keeps for others. Any thread. */
public final class Replicas implements ReceiverDirectory {

    private final Path folder;
    private final Predicate<String> isPeer;
    private final BiFunction<JournalId, String, Replica> factory;
    private final EventLog events;
    private final int journalsPerPeerMax;
    private final Set<String> refusedSites = ConcurrentHashMap.newKeySet(); // each is told of once
    private final ConcurrentMap<JournalId, Replica> replicas = new ConcurrentHashMap<>();
    private final List<String> problems = new CopyOnWriteArrayList<>();
    private volatile boolean closed;

    /**
     * @param folder holds one folder a journal
     * @param isPeer whether a site of this name is registered here
     * @param factory makes the replica of a journal that the site of this name ships; must not block
     * @param journalsPerPeerMax each takes threads, memory and segments made ahead, and a site names as many as it likes
     */
    public Replicas(
            Path folder,
            Predicate<String> isPeer,
            BiFunction<JournalId, String, Replica> factory,
            EventLog events,
            int journalsPerPeerMax)
            throws IOException {
        this.folder = folder;
        this.isPeer = isPeer;
        this.factory = factory;
        this.events = events;
        this.journalsPerPeerMax = journalsPerPeerMax;
        Files.createDirectories(folder);
    }

    /** Opens what earlier lives have left. One that cannot be opened says so in its status, and keeps nothing else down. Blocks. */
    public void openAll() throws IOException {
        for (Path each : folders()) {
            try {
                JournalId journal =
                        new JournalId(UUID.fromString(each.getFileName().toString()));
                new FloorFile(each).read().ifPresent(known -> open(journal, known.site()));
            } catch (IOException | IllegalArgumentException e) {
                String why = "replica in " + each + " cannot be opened: " + e.getMessage();
                problems.add(why);
                events.error("replica-unusable", each.getFileName().toString(), why);
            }
        }
    }

    /** What was not even taken for the replica of a site, since its folder cannot be read. */
    public List<String> problems() {
        return List.copyOf(problems);
    }

    private void open(JournalId journal, String site) {
        Replica replica = factory.apply(journal, site);
        replicas.put(journal, replica);
        replica.open().exceptionally(failure -> null).join();
    }

    public Collection<Replica> all() {
        return List.copyOf(replicas.values());
    }

    /** Ends what a site ships here now. What was received stays. */
    public void dismiss(String site) {
        replicas.values().stream()
                .filter(replica -> replica.site().equals(site))
                .forEach(Replica::dismiss);
    }

    @Override
    public Admission admit(Introduction introduction) {
        String site = introduction.sender().name().text();
        if (!isPeer.test(site)) {
            return new Admission.Refuse(ErrorCode.UNKNOWN_SITE, "site " + site + " is not registered as a peer here");
        }
        if (closed) {
            return new Admission.Refuse(ErrorCode.BUSY, "the appliance is stopping");
        }
        return find(introduction.journal(), site)
                .map(replica -> accept(replica, introduction))
                .orElseGet(() -> refuseMore(introduction));
    }

    /** Ends this life of all of them. Blocks. */
    public void close() {
        closed = true;
        Optional<RuntimeException> failure = Optional.empty();
        for (Replica each : replicas.values()) {
            try {
                each.close();
            } catch (RuntimeException e) { // one that fails keeps no other from being durable
                failure = failure.or(() -> Optional.of(e));
            }
        }
        if (failure.isPresent()) {
            throw failure.get();
        }
    }

    /** The replica of a journal: one that is known, or a new one while the site may have more. */
    private synchronized Optional<Replica> find(JournalId journal, String site) {
        Optional<Replica> known = Optional.ofNullable(replicas.get(journal));
        if (known.isPresent() || journalsOf(site) >= journalsPerPeerMax) {
            return known;
        }
        Replica replica = factory.apply(journal, site);
        replicas.put(journal, replica);
        return Optional.of(replica);
    }

    private long journalsOf(String site) {
        return replicas.values().stream()
                .filter(replica -> replica.site().equals(site))
                .count();
    }

    private static Admission accept(Replica replica, Introduction introduction) {
        return replica.site().equals(introduction.sender().name().text())
                ? new Admission.Accept(replica.owner(), replica)
                : new Admission.Refuse(
                        ErrorCode.UNKNOWN_SITE,
                        "journal " + introduction.journal() + " is that of site " + replica.site());
    }

    private Admission refuseMore(Introduction introduction) {
        String site = introduction.sender().name().text();
        String why = "journal " + introduction.journal() + " would be one more than the " + journalsPerPeerMax
                + " of site " + site + " that are kept here (replica.journals-per-peer-max)";
        if (refusedSites.add(site)) { // it will come again and again
            events.error("journal-refused", site, why);
        }
        return new Admission.Refuse(ErrorCode.BUSY, why);
    }

    private List<Path> folders() throws IOException {
        try (Stream<Path> entries = Files.list(folder)) {
            return entries.filter(Files::isDirectory).sorted().toList();
        }
    }
}
