package io.tidemark.replica;

import io.tidemark.events.EventLog;
import io.tidemark.journal.JournalId;
import io.tidemark.link.Admission;
import io.tidemark.link.ErrorCode;
import io.tidemark.link.Introduction;
import io.tidemark.link.Lineage;
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
import java.util.function.Function;
import java.util.function.Predicate;
import java.util.stream.Stream;

/** All journals this site keeps for others. Any thread. */
public final class Replicas implements ReceiverDirectory {

    private final Path folder;
    private final Predicate<String> isPeer;
    private final Function<Provenance, Replica> factory;
    private final EventLog events;
    private final int journalsPerPeerMax;
    private final Set<String> refusedSites = ConcurrentHashMap.newKeySet(); // each is told of once
    private final ConcurrentMap<JournalId, Replica> replicas = new ConcurrentHashMap<>();
    private final List<String> problems = new CopyOnWriteArrayList<>();
    private volatile boolean closed;

    /**
     * @param folder holds one folder a journal
     * @param isPeer whether a site of this name is registered here
     * @param factory makes the replica of a journal; must not block
     * @param journalsPerPeerMax each takes threads, memory and segments made ahead, and a site names as many as it likes
     */
    public Replicas(
            Path folder,
            Predicate<String> isPeer,
            Function<Provenance, Replica> factory,
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
                new FloorFile(each)
                        .read()
                        .ifPresent(known -> open(
                                new Provenance(new Lineage(journal, known.origin()), known.site(), known.number())));
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

    private void open(Provenance provenance) {
        Replica replica = factory.apply(provenance);
        replicas.put(provenance.lineage().id(), replica);
        replica.open().exceptionally(failure -> null).join();
    }

    /** The replica of a journal. */
    public Optional<Replica> find(JournalId journal) {
        return Optional.ofNullable(replicas.get(journal));
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
        return find(introduction.lineage(), site)
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
    private synchronized Optional<Replica> find(Lineage lineage, String site) {
        Optional<Replica> known = Optional.ofNullable(replicas.get(lineage.id()));
        if (known.isPresent() || journalsOf(site) >= journalsPerPeerMax) {
            return known;
        }
        Replica replica = factory.apply(new Provenance(lineage, site, newestOf(site) + 1));
        replicas.put(lineage.id(), replica);
        return Optional.of(replica);
    }

    private long journalsOf(String site) {
        return replicas.values().stream()
                .filter(replica -> replica.site().equals(site))
                .count();
    }

    private int newestOf(String site) {
        return replicas.values().stream()
                .map(Replica::provenance)
                .filter(provenance -> provenance.site().equals(site))
                .mapToInt(Provenance::number)
                .max()
                .orElse(0);
    }

    private static Admission accept(Replica replica, Introduction introduction) {
        Lineage known = replica.provenance().lineage();
        if (!replica.site().equals(introduction.sender().name().text())) {
            return new Admission.Refuse(
                    ErrorCode.UNKNOWN_SITE, "journal " + known.id() + " is that of site " + replica.site());
        }
        return known.equals(introduction.lineage())
                ? new Admission.Accept(replica.owner(), replica)
                : new Admission.Refuse(
                        ErrorCode.DIVERGED, "journal " + known + " is known here, not " + introduction.lineage());
    }

    private Admission refuseMore(Introduction introduction) {
        String site = introduction.sender().name().text();
        String why = "journal " + introduction.lineage().id() + " would be one more than the " + journalsPerPeerMax
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
