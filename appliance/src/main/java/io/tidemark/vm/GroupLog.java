package io.tidemark.vm;

import io.tidemark.journal.Entry;
import io.tidemark.journal.Mark;
import io.tidemark.journal.Sequence;
import io.tidemark.journal.VmId;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;

/**
 * The recovery points of groups that the control records of a journal make, and unmake. A fold beside its {@link Ledger}; one thread.
 *
 * <p>An epoch end of any VM of a group is a point of the group: every prefix of the journal is a cut through all its streams (I12).
 */
public final class GroupLog {

    /** A group as the ledger has it at the moment. */
    private record Now(List<Vm> vms, Standing standing, boolean keepsOrder) {}

    private final Ledger ledger;
    private final Map<Name, PointList<GroupPoint>> points = new HashMap<>();
    private final Set<Sequence> kept = new HashSet<>();
    private Optional<Map<Name, Now>> now = Optional.empty(); // until a record changes a VM or a stream

    /** @param ledger to which each mark is applied before it is applied here */
    public GroupLog(Ledger ledger) {
        this.ledger = ledger;
    }

    /** Goes on by one control record, which the ledger has seen. */
    public void apply(Mark mark) {
        switch (mark.entry()) {
            case Entry.Flush flush ->
                ledger.vmOf(flush.stream()).ifPresent(vm -> add(vm, mark, RecoveryPoint.Kind.FLUSH));
            case Entry.Cut cut ->
                now().forEach((group, known) -> {
                    if (known.keepsOrder()) {
                        add(group, known, mark, RecoveryPoint.Kind.CUT);
                    }
                });
            case Entry.CopyEnd end -> {
                changed();
                ledger.vmOf(end.stream()).ifPresent(vm -> add(vm, mark, RecoveryPoint.Kind.COPY_END));
            }
            case Entry.Gap gap -> {
                changed();
                withdraw(gap);
            }
            case Entry.VmDefined defined -> changed();
            case Entry.VmRemoved removed -> changed();
            case Entry.CopyBegin begin -> changed();
            case Entry.Track track -> changed();
            case Entry.AwaitRestart await -> {}
            case Entry.GuestRestarted restarted -> {}
            case Entry.Opened opened -> {}
            case Entry.Closed closed -> {}
        }
    }

    /** A point of a VM whose record is gone, but that can still be recovered, is one of its group, which is as the ledger has it. */
    public void restore(RecoveryPoint point) {
        point.vm().group().map(Membership::name).ifPresent(group -> {
            Now known = now().get(group);
            if (known != null && list(group).at(point.sequence()).isEmpty()) {
                listOf(group)
                        .add(new GroupPoint(
                                point.sequence(), point.time(), point.kind(), group, known.vms(), known.standing()));
            }
        });
    }

    /** Lists the points at the record for as long as they can be recovered, however old they are. */
    public void keep(Sequence sequence) {
        kept.add(sequence);
        points.values().forEach(list -> list.keep(sequence));
    }

    /** The points at the record are like others again. */
    public void release(Sequence sequence) {
        kept.remove(sequence);
        points.values().forEach(list -> list.release(sequence));
    }

    /** A VM as the point of its group at the record has it. */
    public Optional<RecoveryPoint> at(VmId vm, Sequence sequence) {
        return points.values().stream()
                .flatMap(list -> list.at(sequence).stream())
                .flatMap(point -> point.vms().stream()
                        .filter(each -> each.id().equals(vm))
                        .map(point::of))
                .findFirst();
    }

    /** Nothing before {@code floor} can be recovered any more. */
    public void forgetBefore(Sequence floor) {
        points.values().forEach(list -> list.forgetBefore(floor));
        points.values().removeIf(list -> list.newest().isEmpty());
    }

    /** The groups that have a point or a VM. */
    public Set<Name> names() {
        Set<Name> names = new HashSet<>(points.keySet());
        names.addAll(now().keySet());
        return names;
    }

    /** The groups that have a VM. */
    public Set<Name> named() {
        return Set.copyOf(now().keySet());
    }

    /** The points of a group. */
    public PointList<GroupPoint> list(Name group) {
        return Optional.ofNullable(points.get(group)).orElseGet(PointList::new);
    }

    private void add(Vm vm, Mark mark, RecoveryPoint.Kind kind) {
        vm.group().map(Membership::name).ifPresent(group -> Optional.ofNullable(now().get(group))
                .ifPresent(known -> add(group, known, mark, kind)));
    }

    private void add(Name group, Now known, Mark mark, RecoveryPoint.Kind kind) {
        listOf(group)
                .add(new GroupPoint(
                        mark.sequence(), PointLog.timeOf(mark), kind, group, known.vms(), known.standing()));
    }

    /** Of every group that had the disk at the point; the reason names VM and disk, as that of a point behind the record of the gap does. */
    private void withdraw(Entry.Gap gap) {
        String doubt = new IntakeState.Suspect(gap.since(), gap.reason()).doubt();
        points.values()
                .forEach(
                        list -> list.withdraw(gap.since(), point -> point.vms().stream()
                                .flatMap(vm -> vm
                                        .disk(gap.stream())
                                        .map(disk -> GroupPoint.reason(vm, Ledger.reason(disk, doubt)))
                                        .stream())
                                .findFirst()));
    }

    private void changed() {
        now = Optional.empty();
    }

    private Map<Name, Now> now() {
        if (now.isEmpty()) {
            Map<Name, List<Vm>> vms = new LinkedHashMap<>();
            ledger.vms().forEach(vm -> vm.group()
                    .ifPresent(group -> vms.computeIfAbsent(group.name(), name -> new ArrayList<>())
                            .add(vm)));
            Map<Name, Now> groups = new LinkedHashMap<>();
            vms.forEach((group, members) -> groups.put(group, nowOf(Membership.inStartOrder(members))));
            now = Optional.of(groups);
        }
        return now.get();
    }

    private Now nowOf(List<Vm> vms) {
        return new Now(vms, standing(vms), vms.stream().anyMatch(PointLog::keepsOrder));
    }

    private Standing standing(List<Vm> vms) {
        List<String> words = new ArrayList<>();
        for (Vm vm : vms) {
            switch (ledger.standing(vm)) {
                case Standing.Consistent consistent ->
                    consistent.words().forEach(word -> words.add(GroupPoint.reason(vm, word)));
                case Standing.Inconsistent not -> {
                    return new Standing.Inconsistent(GroupPoint.reason(vm, not.reason()));
                }
            }
        }
        return words.isEmpty() ? Standing.CONSISTENT : new Standing.Consistent(List.copyOf(words));
    }

    private PointList<GroupPoint> listOf(Name group) {
        return points.computeIfAbsent(group, name -> {
            PointList<GroupPoint> list = new PointList<>();
            kept.forEach(list::keep);
            return list;
        });
    }
}
