package io.tidemark.appliance;

import io.tidemark.failover.Roles;
import io.tidemark.journal.Journal;
import io.tidemark.journal.Sequence;
import io.tidemark.link.Destination;
import io.tidemark.link.Lineage;
import io.tidemark.link.SiteName;
import io.tidemark.ship.GivenUp;
import io.tidemark.ship.JournalSender;
import io.tidemark.ship.Shipper;
import io.tidemark.state.FolderFiles;
import io.tidemark.target.TargetSender;
import io.tidemark.target.TargetUri;
import java.io.IOException;
import java.nio.file.Path;
import java.util.List;
import java.util.Optional;
import java.util.function.Consumer;

/** Makes what sends a journal to its peer, as the peer's kind has it. */
final class Ways {

    private final Environment environment;
    private final ApplianceSettings settings;
    private final Roles roles;
    private final Path folder;

    /** @param folder of the journal */
    Ways(Environment environment, ApplianceSettings settings, Roles roles, Path folder) {
        this.environment = environment;
        this.settings = settings;
        this.roles = roles;
        this.folder = folder;
    }

    /**
     * What sends the journal there, which begins when it is told to.
     *
     * @param givenUp the records that were given up last
     */
    JournalSender to(
            Peer peer,
            Lineage lineage,
            Journal journal,
            Threads.OwnerThread owner,
            Optional<GivenUp> givenUp,
            Consumer<Sequence> whenReplicated)
            throws IOException {
        return switch (peer.kind()) {
            case SITE -> site(peer, lineage, journal, owner, givenUp, whenReplicated);
            case NBD -> target(peer, journal, owner, whenReplicated);
        };
    }

    private Shipper site(
            Peer peer,
            Lineage lineage,
            Journal journal,
            Threads.OwnerThread owner,
            Optional<GivenUp> givenUp,
            Consumer<Sequence> whenReplicated) {
        List<Destination.HostPort> addresses =
                peer.addresses().stream().map(Addresses::parse).toList();
        return new Shipper(
                new Shipper.Parts(
                        journal,
                        owner,
                        roles.over(environment.dialer()),
                        environment.events(),
                        environment.random(),
                        environment.nanoTime()),
                new Destination(addresses, new SiteName(peer.name()), lineage, peer.connections()),
                peer.settings(settings.ship()),
                givenUp,
                whenReplicated);
    }

    private TargetSender target(
            Peer peer, Journal journal, Threads.OwnerThread owner, Consumer<Sequence> whenReplicated)
            throws IOException {
        TargetUri uri = peer.targetUri();
        return new TargetSender(
                new TargetSender.Parts(
                        peer.name(),
                        journal,
                        owner,
                        environment.targets().dialer(),
                        (vm, disk) -> uri.destination(
                                vm.name(), disk.name(), environment.targets().tls()),
                        new FolderFiles(folder),
                        environment.events(),
                        environment.random(),
                        environment.nanoTime()),
                peer.settings(settings.target(), settings.intake().cutInterval()),
                whenReplicated);
    }
}
