package io.tidemark.sim;

import io.tidemark.journal.Entry;
import io.tidemark.journal.Sequence;
import io.tidemark.journal.StreamId;
import io.tidemark.journal.VmId;
import io.tidemark.vm.AttachMode;
import io.tidemark.vm.Disk;
import io.tidemark.vm.Vm;
import io.tidemark.vm.VmDocument;
import java.util.HashMap;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.NavigableMap;
import java.util.Objects;
import java.util.Optional;
import java.util.Set;
import java.util.TreeMap;

/** The points that a replica has to offer for the records it keeps, said as plainly as can be (I7). */
final class PointModel {

    private final Map<VmId, Vm> vms = new LinkedHashMap<>();
    private final Map<StreamId, Boolean> inSync = new HashMap<>();
    private final Set<StreamId> copiedToReplica = new HashSet<>();
    private final Map<VmId, TreeMap<Sequence, Boolean>> points = new HashMap<>();
    private final Map<VmId, TreeMap<Sequence, Vm>> definitions = new HashMap<>();
    private final Map<VmId, Sequence> best = new HashMap<>();

    void apply(Sequence at, Entry entry) {
        switch (entry) {
            case Entry.Data data -> {}
            case Entry.VmDefined defined -> define(at, VmDocument.read(defined.vm(), defined.document()));
            case Entry.VmRemoved removed ->
                Optional.ofNullable(vms.remove(removed.vm()))
                        .ifPresent(vm -> vm.disks().forEach(disk -> inSync.remove(disk.id())));
            case Entry.CopyBegin begin -> {
                switch (begin.side()) {
                    case INTAKE -> inSync.put(begin.stream(), false);
                    case SHIP -> copiedToReplica.add(begin.stream());
                }
            }
            case Entry.CopyEnd end -> {
                switch (end.side()) {
                    case INTAKE -> inSync.put(end.stream(), true);
                    case SHIP -> copiedToReplica.remove(end.stream());
                }
                pointOf(end.stream(), at);
            }
            case Entry.Flush flush -> pointOf(flush.stream(), at);
            case Entry.Cut cut ->
                vms.values().stream().filter(PointModel::isCut).forEach(vm -> point(vm, at));
            case Entry.Gap gap -> lose(gap);
            case Entry.AwaitRestart await -> {}
            case Entry.Track track -> copiedToReplica.add(track.stream());
            case Entry.GuestRestarted restarted -> {}
            case Entry.Opened opened -> {}
            case Entry.Closed closed -> {}
        }
    }

    /** The points of a VM, and whether each is consistent. */
    NavigableMap<Sequence, Boolean> of(VmId vm) {
        return points.computeIfAbsent(vm, id -> new TreeMap<>());
    }

    /** The newest sequence that was ever the last good point of a VM that is still protected. */
    Optional<Sequence> best(VmId vm) {
        return vms.containsKey(vm) ? Optional.ofNullable(best.get(vm)) : Optional.empty();
    }

    Iterable<VmId> known() {
        return points.keySet();
    }

    /** The VM as it was at one of its points. */
    Vm vmAt(VmId vm, Sequence at) {
        return Objects.requireNonNull(definitions.get(vm)).floorEntry(at).getValue();
    }

    private void define(Sequence at, Vm vm) {
        definitions.computeIfAbsent(vm.id(), id -> new TreeMap<>()).put(at, vm);
        vms.put(vm.id(), vm);
        vm.disks().forEach(disk -> inSync.putIfAbsent(disk.id(), disk.attachMode() == AttachMode.DIRECT));
    }

    private void pointOf(StreamId stream, Sequence at) {
        vms.values().stream().filter(vm -> vm.has(stream)).forEach(vm -> point(vm, at));
    }

    private void point(Vm vm, Sequence at) {
        boolean consistent = vm.disks().stream()
                .map(Disk::id)
                .allMatch(id -> Boolean.TRUE.equals(inSync.get(id)) && !copiedToReplica.contains(id));
        of(vm.id()).put(at, consistent);
        if (consistent) {
            best.merge(vm.id(), at, Sequence::later);
        }
    }

    private void lose(Entry.Gap gap) {
        inSync.computeIfPresent(gap.stream(), (id, before) -> false);
        vms.values().stream()
                .filter(vm -> vm.has(gap.stream()))
                .forEach(vm -> of(vm.id()).tailMap(gap.since(), false).replaceAll((at, consistent) -> false));
    }

    private static boolean isCut(Vm vm) {
        return vm.disks().stream().anyMatch(disk -> disk.attachMode() != AttachMode.MIRROR_BACKGROUND);
    }
}
