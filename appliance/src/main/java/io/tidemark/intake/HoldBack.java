package io.tidemark.intake;

import io.tidemark.journal.Sequence;
import io.tidemark.vm.Membership;
import io.tidemark.vm.Name;
import io.tidemark.vm.Priority;
import io.tidemark.vm.Vm;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.HashMap;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.function.LongSupplier;
import java.util.function.Predicate;
import java.util.function.Supplier;

/**
 * Holds VMs back for the sake of more urgent ones, when the link takes less than is written (docs/architecture.md, "When it cannot keep up"). The
 * owner's.
 *
 * <p>One after the other, the least urgent first, and of those the one that writes most; each time the effect is awaited, since what it has written before
 * is shipped. Nobody is held back for somebody who is not more urgent, or who writes nothing. A group goes together, as its most urgent VM.
 *
 * <p>Down at once, up late: a VM comes up again {@code recoveryDelay} after it was held back at the earliest, the most urgent first, one at a time, while
 * the link takes what is written. Nothing of this outlives the process: a life to come copies what is lacking, and holds back again if it has to.
 */
final class HoldBack {

    /** What goes up and down together: a VM, or those of a group. */
    private record Unit(List<Vm> vms, Priority priority, long wroteBytes, boolean copied) {}

    /** Everything was on its way so lately that the link can be said to take what is written. */
    private static final Duration IN_TIME = Duration.ofSeconds(1);

    private final Streams streams;
    private final ReplicaCopies copies;
    private final ReplicaRequests requests;
    private final Rungs rungs;
    private final Supplier<Sending> sending;
    private final Duration after;
    private final Duration recoveryDelay;
    private final LongSupplier nanoTime;
    private final Map<Name, Long> heldSince =
            new HashMap<>(); // by VM; some may be gone, or be copied as a whole by now
    private final Set<Name> comingUp = new HashSet<>(); // VMs that were held back, and are being copied
    private Map<Name, Long> writtenInTime = new HashMap<>(); // bytes of each VM, when everything was on its way
    private Sequence effective = Sequence.NONE; // where the newest hold-back begins to help
    private boolean shipped;
    private long shippingSince;
    private boolean asking;

    /**
     * @param after for how long the link may take less than is written; zero for ever
     * @param recoveryDelay from holding a VM back to copying what it has changed
     */
    HoldBack(
            Streams streams,
            ReplicaCopies copies,
            ReplicaRequests requests,
            Rungs rungs,
            Supplier<Sending> sending,
            Duration after,
            Duration recoveryDelay,
            LongSupplier nanoTime) {
        this.streams = streams;
        this.copies = copies;
        this.requests = requests;
        this.rungs = rungs;
        this.sending = sending;
        this.after = after;
        this.recoveryDelay = recoveryDelay;
        this.nanoTime = nanoTime;
    }

    /** Looks whether somebody should be held back, or need not be any more. */
    void look() {
        Sending now = sending.get();
        if (now.shipping() && !shipped) {
            shippingSince =
                    nanoTime.getAsLong(); // an outage is nobody's fault: what it has left is caught up with first
        }
        shipped = now.shipping();
        if (asking) {
            return;
        }
        forgetWhoIsNot();
        if (!shipped || after.isZero()) {
            return;
        }
        Duration behind = min(now.behind(), Duration.ofNanos(nanoTime.getAsLong() - shippingSince));
        if (behind.compareTo(min(IN_TIME, after)) < 0) {
            writtenInTime = written();
            raise();
        } else if (behind.compareTo(after) >= 0 && !now.acknowledged().isBefore(effective)) {
            lower();
        }
    }

    private void lower() {
        List<Unit> all = units();
        Priority mostUrgent = all.stream()
                .filter(unit -> unit.wroteBytes() > 0)
                .map(Unit::priority)
                .max(Comparator.naturalOrder())
                .orElse(Priority.LOW);
        all.stream()
                .filter(unit -> unit.wroteBytes() > 0 || unit.copied())
                .filter(unit -> unit.priority().compareTo(mostUrgent) < 0)
                .filter(unit -> unit.vms().stream().anyMatch(this::mayBeHeldBack))
                .min(Comparator.comparing(Unit::priority).thenComparing(Unit::wroteBytes, Comparator.reverseOrder()))
                .ifPresent(unit ->
                        holdBack(unit.vms().stream().filter(this::mayBeHeldBack).toList()));
    }

    private void holdBack(List<Vm> vms) {
        asking = true;
        var unused = requests.holdBack(vms).whenComplete((answer, failure) -> {
            asking = false;
            if (answer instanceof Registration.Done done) {
                long now = nanoTime.getAsLong();
                vms.forEach(vm -> heldSince.put(vm.name(), now));
                effective = done.at();
            } else {
                shippingSince = nanoTime.getAsLong(); // it is tried again, and not at each look
            }
        });
    }

    /** One at a time: what another one has changed is copied first. */
    private void raise() {
        if (!comingUp.isEmpty()) {
            return;
        }
        units().stream()
                .filter(unit -> unit.vms().stream().anyMatch(this::isHeldBack))
                .filter(unit -> unit.vms().stream().allMatch(this::mayComeUp))
                .max(Comparator.comparing(Unit::priority))
                .ifPresent(unit -> unit.vms().forEach(this::comeUp));
    }

    private void comeUp(Vm vm) {
        heldSince.remove(vm.name());
        comingUp.add(vm.name());
        streamsOf(vm).forEach(stream -> {
            copies.copyTracked(stream);
            rungs.letGo(stream.id());
        });
    }

    /** Who is not tracked any more, whatever the reason, is not held back; and who is not copied any more has come up. */
    private void forgetWhoIsNot() {
        rungs.heldBack().stream().filter(stream -> !copies.tracks(stream)).forEach(rungs::letGo);
        heldSince.keySet().removeIf(name -> noneIs(name, this::isHeldBack));
        comingUp.removeIf(name -> noneIs(name, this::isCopied));
    }

    private boolean noneIs(Name name, Predicate<Vm> so) {
        return streams.ledger().vms().stream()
                .filter(vm -> vm.name().equals(name))
                .noneMatch(so);
    }

    private boolean mayBeHeldBack(Vm vm) {
        return streamsOf(vm).stream().allMatch(stream -> copies.mayTrack(stream.id()));
    }

    private boolean isHeldBack(Vm vm) {
        return streamsOf(vm).stream().anyMatch(stream -> copies.tracks(stream.id()));
    }

    private boolean isCopied(Vm vm) {
        return streamsOf(vm).stream()
                .anyMatch(stream -> copies.dirtyBytes(stream).isPresent() && !copies.tracks(stream.id()));
    }

    private boolean mayComeUp(Vm vm) {
        Long since = heldSince.get(vm.name());
        return since == null || nanoTime.getAsLong() - since >= recoveryDelay.toNanos();
    }

    private List<Unit> units() {
        Map<String, List<Vm>> together = new LinkedHashMap<>();
        for (Vm vm : streams.ledger().vms()) {
            String name = vm.group()
                    .map(Membership::name)
                    .map(group -> "group " + group)
                    .orElseGet(() -> "VM " + vm.name());
            together.computeIfAbsent(name, none -> new ArrayList<>()).add(vm);
        }
        Map<Name, Long> written = written();
        return together.values().stream().map(vms -> unit(vms, written)).toList();
    }

    private Unit unit(List<Vm> vms, Map<Name, Long> written) {
        return new Unit(
                vms,
                vms.stream().map(Vm::priority).max(Comparator.naturalOrder()).orElseThrow(),
                vms.stream()
                        .filter(vm -> !isHeldBack(vm))
                        .mapToLong(
                                vm -> written.getOrDefault(vm.name(), 0L) - writtenInTime.getOrDefault(vm.name(), 0L))
                        .sum(),
                vms.stream().anyMatch(this::isCopied));
    }

    private Map<Name, Long> written() {
        Map<Name, Long> written = new HashMap<>();
        for (Vm vm : streams.ledger().vms()) {
            written.put(
                    vm.name(),
                    streamsOf(vm).stream().mapToLong(Stream::changedBytes).sum());
        }
        return written;
    }

    private List<Stream> streamsOf(Vm vm) {
        return vm.disks().stream()
                .map(disk -> streams.find(disk.id()))
                .flatMap(Optional::stream)
                .toList();
    }

    private static Duration min(Duration one, Duration other) {
        return one.compareTo(other) < 0 ? one : other;
    }
}
