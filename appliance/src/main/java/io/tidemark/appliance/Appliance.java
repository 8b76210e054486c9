package io.tidemark.appliance;

import io.tidemark.failover.DrillLog;
import io.tidemark.failover.Drills;
import io.tidemark.failover.FailoverPatience;
import io.tidemark.failover.Failovers;
import io.tidemark.failover.Roles;
import io.tidemark.intake.LoopOwner;
import io.tidemark.journal.Fault;
import io.tidemark.journal.Incarnation;
import io.tidemark.journal.JournalId;
import io.tidemark.journal.log.JournalIdentity;
import io.tidemark.journal.log.JournalThreads;
import io.tidemark.journal.log.JournalUnusable;
import io.tidemark.journal.log.SegmentedJournal;
import io.tidemark.link.ErrorCode;
import io.tidemark.link.Lineage;
import io.tidemark.link.ReceiverDirectory;
import io.tidemark.mend.Mendings;
import io.tidemark.replica.Provenance;
import io.tidemark.replica.Replica;
import io.tidemark.replica.Replicas;
import io.tidemark.replica.Seeds;
import io.tidemark.state.FolderFiles;
import io.tidemark.term.Tenure;
import io.tidemark.volume.FittingVolumes;
import io.tidemark.volume.FullException;
import io.tidemark.volume.VolumeFolder;
import java.io.IOException;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Collection;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.concurrent.ScheduledExecutorService;
import java.util.concurrent.TimeUnit;
import java.util.function.Supplier;

/**
 * One appliance: what it protects, what it keeps for others, and its peers. Calls that change something block and are made
 * one at a time.
 */
public final class Appliance {

    /** What became of a change of peers. */
    public sealed interface PeerOutcome {

        record Done(Peer peer) implements PeerOutcome {}

        /** The reason is for people. Nothing has changed. */
        record Refused(String reason) implements PeerOutcome {}
    }

    /** More than the recovery of a journal takes. */
    private static final Duration THREAD_ENDS = Duration.ofMinutes(1);

    /** Between looks at what is to be copied back. */
    private static final Duration LOOK_EVERY = Duration.ofMillis(200);

    private final Environment environment;
    private final ApplianceSettings settings;
    private final Peers peers;
    private final Roles roles;
    private final Sources sources;
    private final Replicas replicas;
    private final Failovers failovers;
    private final Seeds seeds;
    private final Drills drills;
    private final Protection protection;
    private final Recovery recovery;
    private final Groups groups;
    private final Mendings mendings;
    private final Map<String, String> failures = new ConcurrentHashMap<>();
    private final Set<String> openable = ConcurrentHashMap.newKeySet();
    private final ScheduledExecutorService terms;
    private final ScheduledExecutorService copying;
    private final ScheduledExecutorService deciding;
    private final ScheduledExecutorService opening;
    private final Collection<Runnable> threadEndings = new ConcurrentLinkedQueue<>();

    /**
     * Opens everything the data directory holds. A journal that cannot be opened is left out and told of, so that it does
     * not keep the others down.
     *
     * @param owners gives the event loops that own journals
     */
    public Appliance(Environment environment, ApplianceSettings settings, Supplier<LoopOwner> owners)
            throws IOException {
        this.environment = environment;
        this.settings = settings;
        Path data = settings.dataDirectory();
        peers = new Peers(data.resolve("peers"));
        terms = environment.threads().single("terms");
        roles = new Roles(environment.site().name().text(), new FolderFiles(data), terms);
        copying = environment.threads().single("failover");
        PromotedVms home = new PromotedVms(
                this::journals, this::received, () -> protection().newDisk());
        failovers = new Failovers(
                new Failovers.Parts(
                        new FolderFiles(data.resolve("failovers")),
                        environment.site().name().text(),
                        roles,
                        home,
                        replica -> new VolumeFolder(volumesOf(replica)),
                        copying,
                        environment.events(),
                        environment.clock(),
                        environment.nanoTime()),
                FailoverPatience.defaults());
        sources = new Sources(environment, settings, roles, failovers, owners);
        seeds = new Seeds(data.resolve("seeds"), environment.events());
        replicas = new Replicas(
                data.resolve("replicas"),
                name -> peers.find(name)
                        .filter(peer -> peer.kind() == Peer.Kind.SITE)
                        .isPresent(),
                this::replica,
                environment.events(),
                settings.replica().journalsPerPeerMax());
        DrillLog drillLog =
                DrillLog.open(new FolderFiles(data), environment.clock().instant());
        drills = new Drills(
                data.resolve("drills"),
                environment.exports(),
                drillLog,
                environment.threads().blocking(),
                environment.random(),
                environment.clock(),
                environment.events(),
                settings.drillsMax(),
                2 * settings.received().reserveBytes()); // a journal at its reserve takes nothing
        protection = new Protection(sources, environment.exports(), roles, environment.random());
        recovery = new Recovery(replicas, drills, drillLog, environment.clock());
        groups = new Groups(protection, recovery);
        mendings = new Mendings(
                environment.targets().dialer()::connect,
                environment.threads().blocking(),
                environment.events(),
                environment.nanoTime());
        finishRemovals();
        peers.all().stream().filter(Peer::takesOurs).forEach(this::open);
        replicas.openAll(); // behind the journals: what they receive may begin with disks of those
        roles.begin(new JournalRoles(sources::all, replicas::all, environment.events()));
        failovers.begin(replicas::find);
        deciding = environment.threads().single("failback");
        var unusedToo = deciding.scheduleWithFixedDelay(
                failovers.failback()::look, LOOK_EVERY.toMillis(), LOOK_EVERY.toMillis(), TimeUnit.MILLISECONDS);
        opening = environment.threads().single("open");
        long retryMillis = settings.apply().retryInterval().toMillis();
        var unused = opening.scheduleWithFixedDelay(this::openAgain, retryMillis, retryMillis, TimeUnit.MILLISECONDS);
    }

    public Environment environment() {
        return environment;
    }

    public Collection<Peer> peers() {
        return peers.all();
    }

    public Optional<Peer> peer(String name) {
        return peers.find(name);
    }

    public Sources sources() {
        return sources;
    }

    /** The VMs that are protected here. */
    public Protection protection() {
        return protection;
    }

    /** The VMs that can be brought back here. */
    public Recovery recovery() {
        return recovery;
    }

    /** The disks that are compared with their sources' disks. */
    public Mendings mendings() {
        return mendings;
    }

    /** The groups of VMs, protected here or kept here. */
    public Groups groups() {
        return groups;
    }

    /** The VMs whose source this site has become. */
    public Failovers failovers() {
        return failovers;
    }

    /** Who receives the journals of other sites. */
    public ReceiverDirectory receivers() {
        return roles.over(replicas);
    }

    /** What keeps the appliance from being all it should be; empty while all is well. */
    public List<String> problems() {
        List<String> problems = new ArrayList<>();
        failures.forEach((peer, why) -> problems.add("journal to " + peer + ": " + why));
        for (Source source : sources.all()) {
            source.status()
                    .problems()
                    .forEach(why -> problems.add("journal to " + source.peer().name() + ": " + why));
        }
        problems.addAll(replicas.problems());
        recovery.replicas().forEach(replica -> replica.problems()
                .forEach(why -> problems.add("replica of " + replica.site() + ": " + why)));
        problems.addAll(environment.exports().problems());
        return problems;
    }

    /** Registers a peer, or changes what is known of it but for its journal. Doing it again changes nothing. */
    public synchronized PeerOutcome putPeer(Peer wanted) throws IOException {
        if (wanted.name().equals(environment.site().name().text())) {
            return new PeerOutcome.Refused("this site is called " + wanted.name() + " itself");
        }
        Optional<Peer> known = peers.find(wanted.name());
        Peer peer = known.map(Peer::journal).map(wanted::keeping).orElse(wanted);
        if (known.filter(peer::equals).isPresent()) {
            return new PeerOutcome.Done(peer);
        }
        if (known.filter(before -> before.kind() != peer.kind()).isPresent()) {
            return new PeerOutcome.Refused(
                    "peer " + peer.name() + " is of kind " + known.get().kind().label() + " and stays that");
        }
        if (known.isEmpty() && peers.all().size() >= Peers.PEERS_MAX) {
            return new PeerOutcome.Refused("there are " + Peers.PEERS_MAX + " peers, which is as many as there may be");
        }
        if (known.isPresent() && !peer.takesOurs() && sources.to(peer.name()).isPresent()) {
            return new PeerOutcome.Refused("VMs are shipped to " + peer.name() + ": it cannot be without an address");
        }
        peers.put(peer);
        environment.events().info("peer-registered", peer.name(), "at " + peer.addresses());
        if (peer.takesOurs()) {
            open(peer);
        }
        return new PeerOutcome.Done(peer);
    }

    /**
     * Begins a new lineage at a peer that cannot go on with what it has, since one of the two sites was rolled back or has lost its disk. What
     * the peer has stays there.
     *
     * @param id the peer knows no journal of this id
     */
    public synchronized PeerOutcome beginLineage(Peer peer, JournalId id) throws IOException {
        Optional<Source> source = sources.to(peer.name());
        if (source.isEmpty()) {
            return new PeerOutcome.Refused("nothing is shipped to " + peer.name());
        }
        Optional<ErrorCode> refusal = source.get().status().ship().refusal();
        if (refusal.isEmpty()) {
            return new PeerOutcome.Refused(
                    "nothing is known that keeps " + peer.name() + " from going on with what it has");
        }
        Lineage begun = source.get().beginLineage(id, refusal.get() == ErrorCode.DIVERGED);
        environment.events().warn("lineage-begun", peer.name(), "all disks are copied anew, as journal " + begun);
        return new PeerOutcome.Done(peer);
    }

    /**
     * Makes this site the source of a VM that is protected here, whatever terms other sites have: for when it is fenced and a person has decided that
     * its history is the one to go on with.
     */
    public Tenure claim(Protection.Protected vm) throws IOException {
        return roles.claim(vm.status().vm().id(), vm.source().peer().name());
    }

    /** Forgets a peer. What was received from it stays; its journal goes, so no VM may be in it. */
    public synchronized PeerOutcome removePeer(Peer peer) throws IOException {
        synchronized (protection) { // no VM is registered meanwhile
            Optional<Source> source = sources.to(peer.name());
            if (source.isPresent() && !source.get().intake().status().join().isEmpty()) {
                return new PeerOutcome.Refused("VMs are shipped to " + peer.name() + ": end their protection first");
            }
            sources.giveUp(peer);
            failures.remove(peer.name());
            openable.remove(peer.name());
            peers.remove(peer.name());
            sources.deleteGivenUp();
        }
        replicas.dismiss(peer.name());
        environment.events().info("peer-removed", peer.name(), "");
        return new PeerOutcome.Done(peer);
    }

    /** Ends this life in good order. Clients and peers are gone already, or going. */
    public void close() {
        end(terms, "a change of terms");
        end(deciding, "what is to be copied back");
        failovers.close();
        end(copying, "what a VM was promoted from");
        end(opening, "a journal that is being opened");
        drills.close();
        mendings.close();
        sources.close();
        replicas.close();
        threadEndings.forEach(Runnable::run);
    }

    /** A crash may have come in the middle of forgetting a peer. */
    private void finishRemovals() throws IOException {
        for (Peer peer : peers.all()) {
            if (sources.isGivenUp(peer)) {
                peers.remove(peer.name());
            }
        }
        sources.deleteGivenUp();
    }

    private void open(Peer peer) {
        try {
            sources.put(peer);
            openable.remove(peer.name());
            if (failures.remove(peer.name()) != null) {
                environment.events().info("journal-opened", peer.name(), "what kept it from being opened is gone");
            }
        } catch (IOException | JournalUnusable | RuntimeException e) {
            String why = String.valueOf(e.getMessage());
            if (FullException.causes(e)) { // the one failure that goes away by itself
                openable.add(peer.name());
            }
            if (!why.equals(failures.put(peer.name(), why))) {
                environment.events().error("journal-unusable", peer.name(), why);
            }
        }
    }

    /** Journals that found no space to be opened may find some by now. */
    private synchronized void openAgain() {
        openable.stream().flatMap(name -> peers.find(name).stream()).forEach(this::open);
    }

    private static void end(ScheduledExecutorService thread, String what) {
        thread.shutdown();
        try {
            if (!thread.awaitTermination(THREAD_ENDS.toMillis(), TimeUnit.MILLISECONDS)) {
                throw new Fault(what + " keeps the appliance from ending");
            }
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
    }

    /** Asked only once they are there. */
    private Collection<Source> journals() {
        return sources.all();
    }

    private Collection<Replica> received() {
        return replicas.all();
    }

    private Path folderOf(JournalId replica) {
        return settings.dataDirectory().resolve("replicas").resolve(replica.toString());
    }

    private Path volumesOf(JournalId replica) {
        return folderOf(replica).resolve("volumes");
    }

    private Replica replica(Provenance provenance) {
        String site = provenance.site();
        Threads threads = environment.threads();
        Threads.OwnerThread owner = threads.owner("replica-" + site);
        ScheduledExecutorService forcer = threads.single("force-" + site);
        ScheduledExecutorService keeper = threads.single("keep-" + site);
        ScheduledExecutorService applying = threads.single("apply-" + site);
        threadEndings.addAll(List.of(owner::close, forcer::shutdown, keeper::shutdown, applying::shutdown));
        JournalId journal = provenance.lineage().id();
        Path folder = folderOf(journal);
        return new Replica(
                new Replica.Parts(
                        provenance,
                        new FolderFiles(folder),
                        failovers.footings().volumes(journal, new FittingVolumes(volumesOf(journal))),
                        owner,
                        lineage -> SegmentedJournal.open(
                                folder.resolve("journal"),
                                new JournalIdentity(
                                        lineage.id(),
                                        JournalIdentity.Kind.REPLICA,
                                        new Incarnation(environment.random().nextLong()),
                                        environment.boot(),
                                        lineage.origin()),
                                settings.received(),
                                new JournalThreads(owner, forcer, keeper),
                                environment.segments(),
                                environment.clock()),
                        seeds.behind(
                                failovers.footings().beginnings(journal, site), new VolumeFolder(volumesOf(journal))),
                        () -> failovers.promotedFrom(provenance.lineage().id()),
                        applying,
                        environment.threads().blocking(),
                        environment.events(),
                        environment.nanoTime()),
                settings.replica(),
                settings.apply());
    }
}
