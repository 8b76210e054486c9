package io.tidemark.ship;

import io.tidemark.link.protocol.Message;
import io.tidemark.vm.Disk;
import io.tidemark.vm.Priority;
import io.tidemark.vm.Vm;
import java.util.Optional;

/** What a peer of an earlier release does not know: it would take a VM that says so for damage, and end the session (docs/protocol.md, section 6). */
final class EarlierRelease {

    private EarlierRelease() {}

    /**
     * Why a VM cannot be shipped to the peer, for people.
     *
     * @param version of the protocol that it speaks with this site
     */
    static Optional<String> objection(String peer, int version, Vm vm) {
        if (!Message.Versions.hasComparisons(version) && vm.disks().stream().anyMatch(Disk::seeded)) {
            return Optional.of(objection(peer, "a seeded disk"));
        }
        if (!Message.Versions.hasPriorities(version) && vm.priority() != Priority.NORMAL) {
            return Optional.of(objection(peer, "a priority"));
        }
        if (!Message.Versions.hasClients(version) && vm.clients().areNamed()) {
            return Optional.of(objection(peer, "a list of clients"));
        }
        return Optional.empty();
    }

    private static String objection(String peer, String what) {
        return "site " + peer + " runs an earlier release, which does not know what " + what + " is: upgrade it first";
    }
}
