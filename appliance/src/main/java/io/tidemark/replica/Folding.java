package io.tidemark.replica;

import io.tidemark.events.EventLog;
import io.tidemark.journal.Sequence;
import io.tidemark.vm.Vm;
import java.io.IOException;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.Optional;
import java.util.function.Predicate;
import java.util.function.Supplier;

/** Lets the floor follow the recovery window, and the volumes the floor. The owner's. */
final class Folding {

    private final ReplicaStore store;
    private final ReplicaSettings settings;
    private final Supplier<Optional<Sequence>> promoted;
    private final EventLog events;
    private final FoldRule rule;
    private final List<FloorHold> holds = new ArrayList<>();

    Folding(ReplicaStore store, ReplicaSettings settings, Supplier<Optional<Sequence>> promoted, EventLog events) {
        this.store = store;
        this.settings = settings;
        this.promoted = promoted;
        this.events = events;
        this.rule = new FoldRule(store.journal(), store.ledger(), store.points(), store.groups());
    }

    /** Keeps the floor where it is or, at the most, at the hold's point. */
    void hold(FloorHold hold) {
        holds.add(hold);
    }

    void release(FloorHold hold) {
        holds.remove(hold);
    }

    /** Looks at what has left the window by now. */
    void follow(long nowNanos) throws IOException {
        store.saveAges();
        Sequence left = notPastPromoted(store.window().left(settings.windowTime(), settings.windowBytes(), nowNanos));
        if (!left.isAfter(store.floor())) {
            return;
        }
        giveUpPins(left);
        Sequence limit = rule.keepingLastPoints(store.pins().holdBack(heldBack(left)));
        if (limit.isBefore(left) && store.window().bytesSince(store.floor()) > settings.keptPointBytesMax()) {
            giveUpKeptPoints(left);
            limit = store.pins().holdBack(left);
        }
        Sequence next = rule.wholeEpochs(store.floor(), limit);
        if (next.isAfter(store.floor())) {
            store.raiseFloor(next);
        }
    }

    /** No limit gives this up: a VM lives on it. The journal fills up instead, and its sender waits. */
    private Sequence notPastPromoted(Sequence left) {
        return promoted.get().map(point -> Sequence.earlier(point, left)).orElse(left);
    }

    private Sequence heldBack(Sequence left) {
        return holds.stream()
                .map(FloorHold::point)
                .min(Comparator.naturalOrder())
                .map(held -> Sequence.earlier(held, left))
                .orElse(left);
    }

    /** Lets pinned points go, durably on return; those that there were. */
    List<Pin> unpin(Predicate<Pin> which) throws IOException {
        List<Pin> gone = store.pins().remove(which);
        gone.forEach(store::release);
        return gone;
    }

    /** Before anything else that is kept: somebody liked to have them, and nobody needs them. */
    private void giveUpPins(Sequence left) throws IOException {
        if (store.pins().unreadable().isPresent()
                && store.window().bytesSince(store.floor()) > settings.pinnedBytesMax()) {
            events.error("pin-given-up", store.site(), store.pins().unreadable().get());
            store.pins().giveUpUnreadable();
        }
        List<Pin> lost = unpin(pin ->
                pin.sequence().isBefore(left) && store.window().bytesSince(pin.sequence()) > settings.pinnedBytesMax());
        lost.forEach(pin -> events.error(
                "pin-given-up",
                store.ledger()
                        .vm(pin.vm())
                        .map(vm -> vm.name().text())
                        .orElse(pin.vm().toString()),
                "over " + settings.pinnedBytesMax() + " bytes of journal "
                        + store.journal().id()
                        + " would be kept for the point at record " + pin.sequence() + ", pinned as " + pin.name()
                        + ": it leaves with the recovery window"));
    }

    private void giveUpKeptPoints(Sequence upTo) {
        events.error(
                "points-given-up",
                store.site(),
                "over " + settings.keptPointBytesMax() + " bytes of journal "
                        + store.journal().id() + " are kept for the last good points of VMs "
                        + rule.withoutPointFrom(upTo).stream().map(Vm::name).toList()
                        + " and groups " + rule.groupsWithoutPointFrom(upTo)
                        + " and for drills: those before record "
                        + upTo + " are given up");
        List<FloorHold> lost =
                holds.stream().filter(hold -> hold.point().isBefore(upTo)).toList();
        holds.removeAll(lost);
        lost.forEach(FloorHold::lose);
    }
}
