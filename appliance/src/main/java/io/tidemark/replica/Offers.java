package io.tidemark.replica;

import io.tidemark.events.EventLog;
import io.tidemark.journal.Sequence;
import io.tidemark.journal.VmId;
import io.tidemark.vm.GroupPoint;
import io.tidemark.vm.Name;
import io.tidemark.vm.Point;
import io.tidemark.vm.PointList;
import io.tidemark.vm.RecoveryPoint;
import java.io.IOException;
import java.time.Instant;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.Executor;
import java.util.function.Function;
import java.util.function.Predicate;

/** The points that a replica offers: chosen, held while they are in use, and pinned by name. The owner's. */
final class Offers {

    private final ReplicaStore store;
    private final Folding folding;
    private final EventLog events;
    private final Executor owner;
    private final GroupPins groupPins;

    Offers(ReplicaStore store, Folding folding, EventLog events, Executor owner) {
        this.store = store;
        this.folding = folding;
        this.events = events;
        this.owner = owner;
        groupPins = new GroupPins(store, folding, events);
    }

    /** The points of a VM, oldest first, consistent or not. */
    List<RecoveryPoint> of(VmId vm) {
        return store.points().of(vm).stream().map(store::offered).toList();
    }

    /** A point that the floor does not pass until its hold is closed; empty if there is no such consistent point. */
    Optional<HeldPoint> hold(VmId vm, PointChoice choice, Runnable whenLost) {
        return choose(vm, choice).map(point -> hold(point, whenLost));
    }

    /** The groups that have a point or a VM. */
    Set<Name> groups() {
        return store.groups().names();
    }

    /** The points of a group, oldest first, consistent or not. */
    List<GroupPoint> of(Name group) {
        return store.groups().list(group).all().stream().map(store::offered).toList();
    }

    /** A point of a group that the floor does not pass until its hold is closed; empty if there is no such consistent point. */
    Optional<HeldGroup> hold(Name group, PointChoice choice, Runnable whenLost) {
        return choose(group, choice).map(point -> hold(point, whenLost));
    }

    /** The pins of a group whose points are there, oldest point first. */
    List<GroupPinOutcome.Pinned> pins(Name group) {
        return groupPins.of(group);
    }

    /** Keeps a point of a group beyond the recovery window, durably on return. The same wish again changes nothing. */
    GroupPinOutcome pin(Name group, Name name, PointChoice choice, Instant now) throws IOException {
        Optional<GroupPoint> chosen = choose(group, choice);
        return chosen.isPresent() ? groupPins.pin(chosen.get(), name, now) : new GroupPinOutcome.NoSuchPoint();
    }

    /** Lets a pinned point of a group leave with the recovery window, durably on return; false if there was no such pin. */
    boolean unpin(Name group, Name name) throws IOException {
        return groupPins.unpin(group, name);
    }

    /** The disks at a sequence that something keeps the floor from passing. */
    PointView view(Sequence at) {
        return PointView.of(store.journal(), store.volumes(), store::applied, at);
    }

    /** The pins of a VM whose points are there, oldest point first. */
    List<PinOutcome.Pinned> pins(VmId vm) {
        return store.pins().of(vm).stream()
                .flatMap(pin -> store.points().at(vm, pin.sequence()).map(point -> pinned(pin, point)).stream())
                .toList();
    }

    /** Keeps a point beyond the recovery window, durably on return. The same wish again changes nothing. */
    PinOutcome pin(VmId vm, Name name, PointChoice choice, Instant now) throws IOException {
        Optional<RecoveryPoint> chosen = choose(vm, choice);
        if (chosen.isEmpty()) {
            return new PinOutcome.NoSuchPoint();
        }
        RecoveryPoint point = chosen.get();
        Optional<Pin> known = store.pins().find(vm, name);
        if (known.filter(pin -> pin.sequence().equals(point.sequence())).isPresent()) {
            return pinned(known.get(), point);
        }
        if (known.isPresent()) {
            return new PinOutcome.Refused(
                    "pin " + name + " is at record " + known.get().sequence() + ": remove it first");
        }
        if (store.pins().unreadable().isPresent()) {
            return new PinOutcome.Refused(store.pins().unreadable().get());
        }
        if (!store.pins().hasRoomFor(1)) {
            return new PinOutcome.Refused("there are " + Pins.PINS_MAX + " pins, which is as many as there may be");
        }
        Pin pin = new Pin(vm, name, point.sequence(), now);
        store.pins().add(List.of(pin));
        store.keep(pin);
        events.info("point-pinned", point.vm().name().text(), "record " + point.sequence() + " is pinned as " + name);
        return pinned(pin, point);
    }

    /** Lets a pinned point leave with the recovery window, durably on return; false if there was no such pin. */
    boolean unpin(VmId vm, Name name) throws IOException {
        Predicate<Pin> named = pin -> pin.vm().equals(vm) && pin.name().equals(name);
        return !folding.unpin(named).isEmpty();
    }

    private PinOutcome.Pinned pinned(Pin pin, RecoveryPoint point) {
        return new PinOutcome.Pinned(pin, store.offered(point), store.window().bytesSince(pin.sequence()));
    }

    private Optional<GroupPoint> choose(Name group, PointChoice choice) {
        return choose(store.groups().list(group), choice, pin -> groupPins.find(group, pin))
                .map(store::offered)
                .filter(Point::consistent);
    }

    private Optional<RecoveryPoint> choose(VmId vm, PointChoice choice) {
        return choose(store.points().list(vm), choice, pin -> store.pins()
                        .find(vm, pin)
                        .map(Pin::sequence))
                .map(store::offered)
                .filter(RecoveryPoint::consistent);
    }

    private <P extends Point<P>> Optional<P> choose(
            PointList<P> points, PointChoice choice, Function<Name, Optional<Sequence>> pins) {
        return switch (choice) {
            case PointChoice.Latest latest ->
                points.newestConsistent(store.journal().durable());
            case PointChoice.NotAfter notAfter -> points.newestConsistent(notAfter.time());
            case PointChoice.At at -> points.at(at.sequence());
            case PointChoice.Pinned pinned -> pins.apply(pinned.name()).flatMap(points::at);
        };
    }

    private HeldPoint hold(RecoveryPoint point, Runnable whenLost) {
        return held(point, hold(point.sequence(), whenLost), view(point.sequence()));
    }

    /** Who may open its disks is as it is now, and not as it was then: somebody may have lost what he might do at the time of an old point. */
    private HeldPoint held(RecoveryPoint point, FloorHold hold, PointView content) {
        RecoveryPoint forThoseOfNow = store.ledger()
                .vm(point.vm().id())
                .map(now -> point.of(now.clients()))
                .orElse(point);
        return new HeldPoint(store.journal().id(), forThoseOfNow, hold, content);
    }

    private HeldGroup hold(GroupPoint point, Runnable whenLost) {
        FloorHold hold = hold(point.sequence(), whenLost);
        PointView content = view(point.sequence());
        return new HeldGroup(
                point,
                hold,
                point.vms().stream()
                        .map(vm -> held(point.of(vm), hold, content))
                        .toList());
    }

    private FloorHold hold(Sequence at, Runnable whenLost) {
        FloorHold hold = new FloorHold(at, whenLost, released -> owner.execute(() -> folding.release(released)));
        folding.hold(hold);
        return hold;
    }
}
