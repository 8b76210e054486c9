package io.tidemark.cli;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;

/**
 * Registers at a site what a {@link Configuration} says, as far as it is not there. Nothing that is there is changed.
 *
 * <p>A VM is registered by the id that it had, and only once its peer could say that it is the source by now.
 */
final class Restoration {

    /** What a person has given leave to. */
    record Leave(boolean emptyDisks, boolean withoutPeer) {}

    /** What became of a peer or a VM. */
    enum Outcome {
        REGISTERED("registered", true),
        UNCHANGED("unchanged", true),
        /** It could be registered, and what that means has to be decided first. */
        LEFT_OUT("left out", false),
        /** The site takes it not, or not as a source. */
        REFUSED("refused", false);

        private final String label;
        private final boolean there;

        Outcome(String label, boolean there) {
            this.label = label;
            this.there = there;
        }

        String label() {
            return label;
        }

        /** Whether it is at the site as the file has it. */
        boolean isThere() {
            return there;
        }
    }

    /** @param exit what the command ends with if it is not there */
    record Item(String kind, String name, Outcome outcome, String reason, int exit) {

        private static Item of(String kind, String name, Outcome outcome, String reason) {
            return new Item(kind, name, outcome, reason, Exit.REFUSED);
        }
    }

    private final Rest rest;
    private final Configuration wanted;
    private final Leave leave;
    private final int peerTimeoutSeconds;
    private final Map<String, Optional<String>> silence = new HashMap<>();
    private final Set<String> refusedPeers = new HashSet<>();

    Restoration(Rest rest, Configuration wanted, Leave leave, int peerTimeoutSeconds) {
        this.rest = rest;
        this.wanted = wanted;
        this.leave = leave;
        this.peerTimeoutSeconds = peerTimeoutSeconds;
    }

    /** Does it; what became of each peer and VM of the file. Ends the command, with nothing changed, if something is there and different. */
    List<Item> restored() {
        Configuration now = Configuration.of(rest);
        if (!now.site().equals(wanted.site())) {
            throw new Failed(
                    Exit.REFUSED,
                    "the file is of site " + wanted.site() + ", and this is site " + now.site()
                            + "; nothing was changed");
        }
        List<String> differences = now.differencesFrom(wanted);
        if (!differences.isEmpty()) {
            throw new Failed(
                    Exit.REFUSED,
                    "not the same is there already: " + String.join("; ", differences) + "; nothing was changed");
        }
        List<Item> items = new ArrayList<>();
        wanted.peers()
                .forEach((name, peer) -> items.add(
                        now.peers().containsKey(name)
                                ? Item.of("peer", name, Outcome.UNCHANGED, "")
                                : put("peer", name, Rest.path("peers", name), peer)));
        wanted.vms()
                .forEach((name, vm) -> items.add(
                        now.vms().containsKey(name) ? Item.of("VM", name, Outcome.UNCHANGED, "") : vm(name, vm)));
        return items.stream().map(this::lookedAtAgain).toList();
    }

    private Item vm(String name, ObjectNode vm) {
        String peer = vm.path("peer").asText();
        return objection(vm, peer)
                .map(why -> Item.of("VM", name, Outcome.LEFT_OUT, why))
                .orElseGet(() -> put("VM", name, Rest.path("vms", name), vm));
    }

    private Optional<String> objection(ObjectNode vm, String peer) {
        if (refusedPeers.contains(peer)) {
            return Optional.of("its peer " + peer + " was refused");
        }
        boolean isSite = Optional.ofNullable(wanted.peers().get(peer))
                .filter(known -> known.path("kind").asText().equals("site"))
                .isPresent();
        if (!leave.emptyDisks()) {
            if (!isSite) {
                return Optional.of("what NBD server " + peer
                        + " holds of it would be overwritten with zeroes: see to it first, then --empty-disks");
            }
            for (JsonNode disk : vm.path("disks")) {
                if (disk.path("attachMode").asText().equals("direct")) {
                    return Optional.of("disk " + disk.path("name").asText()
                            + " was here only, and its contents are at " + peer
                            + " now: fail over there and come back, or --empty-disks");
                }
            }
        }
        return isSite && !leave.withoutPeer()
                ? silence.computeIfAbsent(peer, this::silenceOf)
                        .map(why -> "peer " + peer + " may be its source by now, and does not answer"
                                + (why.isEmpty() ? "" : " (" + why + ")") + ": mend that, or --without-peer")
                : Optional.empty();
    }

    /** Waits for a session with the peer; why there is none. */
    private Optional<String> silenceOf(String peer) {
        for (int looks = 0; ; looks++) { // one a second
            JsonNode link = rest.get(Rest.path("peers", peer)).json().path("link");
            if (link.path("state").asText().equals("shipping")) {
                return Optional.empty();
            }
            if (looks >= peerTimeoutSeconds) {
                return Optional.of(link.path("problem").asText());
            }
            Patience.untilNextLook();
        }
    }

    private Item put(String kind, String name, String path, ObjectNode body) {
        try {
            rest.ask("PUT", path, Optional.of(body));
            return Item.of(kind, name, Outcome.REGISTERED, "");
        } catch (Failed failed) {
            if (kind.equals("peer")) {
                refusedPeers.add(name);
            }
            return new Item(kind, name, Outcome.REFUSED, String.valueOf(failed.getMessage()), failed.exit());
        }
    }

    /** What the peer has said of a VM may have come while it was registered. */
    private Item lookedAtAgain(Item item) {
        if (!item.kind().equals("VM") || item.outcome() != Outcome.REGISTERED) {
            return item;
        }
        JsonNode fenced =
                rest.get(Rest.path("vms", item.name())).json().path("fenced").path("reason");
        return fenced.isMissingNode() ? item : Item.of("VM", item.name(), Outcome.REFUSED, fenced.asText());
    }
}
