package io.tidemark.replica;

import io.tidemark.events.EventLog;
import io.tidemark.journal.Sequence;
import io.tidemark.vm.GroupPoint;
import io.tidemark.vm.Name;
import io.tidemark.vm.Vm;
import java.io.IOException;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;

/**
 * Pins of groups: one pin of each VM that the point has, under one name, all or none. So each VM can be brought back there by itself, too. The
 * owner's.
 */
final class GroupPins {

    private final ReplicaStore store;
    private final Folding folding;
    private final EventLog events;

    GroupPins(ReplicaStore store, Folding folding, EventLog events) {
        this.store = store;
        this.folding = folding;
        this.events = events;
    }

    /** Oldest point first. */
    List<GroupPinOutcome.Pinned> of(Name group) {
        return store.pins().all().stream()
                .flatMap(pin -> store.groups().list(group).at(pin.sequence()).stream()
                        .filter(point -> isOfAll(pin, point))
                        .map(point -> pinned(pin, point)))
                .distinct()
                .toList();
    }

    /** The record that is pinned by this name. */
    Optional<Sequence> find(Name group, Name name) {
        return of(group).stream()
                .filter(pinned -> pinned.name().equals(name))
                .map(pinned -> pinned.point().sequence())
                .findFirst();
    }

    /** Keeps a consistent point beyond the recovery window, durably on return. The same wish again changes nothing. */
    GroupPinOutcome pin(GroupPoint point, Name name, Instant now) throws IOException {
        List<Pin> missing = new ArrayList<>();
        for (Vm vm : point.vms()) {
            Optional<Pin> known = store.pins().find(vm.id(), name);
            if (known.filter(pin -> !pin.sequence().equals(point.sequence())).isPresent()) {
                return new GroupPinOutcome.Refused("pin " + name + " of VM " + vm.name() + " is at record "
                        + known.get().sequence() + ": remove it first");
            }
            if (known.isEmpty()) {
                missing.add(new Pin(vm.id(), name, point.sequence(), now));
            }
        }
        if (!missing.isEmpty()) {
            if (store.pins().unreadable().isPresent()) {
                return new GroupPinOutcome.Refused(store.pins().unreadable().get());
            }
            if (!store.pins().hasRoomFor(missing.size())) {
                return new GroupPinOutcome.Refused("a pin of this group is one of each of its " + missing.size()
                        + " VMs, and there may be " + Pins.PINS_MAX + " pins");
            }
            store.pins().add(missing);
            missing.forEach(store::keep);
            events.info(
                    "point-pinned",
                    point.group().text(),
                    "record " + point.sequence() + " is pinned as " + name + " for all VMs of the group");
        }
        return of(point.group()).stream()
                .filter(pinned -> pinned.name().equals(name))
                .<GroupPinOutcome>map(pinned -> pinned)
                .findFirst()
                .orElseGet(GroupPinOutcome.NoSuchPoint::new);
    }

    /** Lets a pinned point leave with the recovery window, for all VMs, durably on return; false if there was no such pin. */
    boolean unpin(Name group, Name name) throws IOException {
        Optional<GroupPinOutcome.Pinned> known =
                of(group).stream().filter(pinned -> pinned.name().equals(name)).findFirst();
        if (known.isEmpty()) {
            return false;
        }
        GroupPoint point = known.get().point();
        return !folding.unpin(pin -> pin.name().equals(name)
                        && pin.sequence().equals(point.sequence())
                        && point.vms().stream().anyMatch(vm -> vm.id().equals(pin.vm())))
                .isEmpty();
    }

    private boolean isOfAll(Pin pin, GroupPoint point) {
        return point.vms().stream().allMatch(vm -> store.pins()
                .find(vm.id(), pin.name())
                .filter(other -> other.sequence().equals(point.sequence()))
                .isPresent());
    }

    /** Since the newest of its pins is there. */
    private GroupPinOutcome.Pinned pinned(Pin pin, GroupPoint point) {
        String since = point.vms().stream()
                .flatMap(vm -> store.pins().find(vm.id(), pin.name()).stream())
                .map(Pin::since)
                .map(Instant::parse)
                .max(Instant::compareTo)
                .map(Instant::toString)
                .orElse(pin.since());
        return new GroupPinOutcome.Pinned(
                pin.name(), since, store.offered(point), store.window().bytesSince(pin.sequence()));
    }
}
