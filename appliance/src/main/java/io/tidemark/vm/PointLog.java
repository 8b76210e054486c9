package io.tidemark.vm;

import io.tidemark.journal.Entry;
import io.tidemark.journal.Mark;
import io.tidemark.journal.Sequence;
import io.tidemark.journal.StreamId;
import io.tidemark.journal.VmId;
import java.time.Instant;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/**
 * The recovery points that the control records of a journal make, and unmake. A fold beside its {@link Ledger}; one thread.
 */
public final class PointLog {

    private static final long NANOS_PER_SECOND = 1_000_000_000L;

    private final Ledger ledger;
    private final Map<VmId, PointList<RecoveryPoint>> points = new HashMap<>();

    /** @param ledger to which each mark is applied before it is applied here */
    public PointLog(Ledger ledger) {
        this.ledger = ledger;
    }

    /** Goes on by one control record, which the ledger has seen. */
    public void apply(Mark mark) {
        switch (mark.entry()) {
            case Entry.Flush flush -> addFor(flush.stream(), mark, RecoveryPoint.Kind.FLUSH);
            case Entry.CopyEnd end -> addFor(end.stream(), mark, RecoveryPoint.Kind.COPY_END);
            case Entry.Cut cut ->
                ledger.vms().stream().filter(PointLog::keepsOrder).forEach(vm -> add(vm, mark, RecoveryPoint.Kind.CUT));
            case Entry.Gap gap -> ledger.vmOf(gap.stream()).ifPresent(vm -> withdraw(vm, gap));
            case Entry.VmRemoved removed -> {} // its points stay until they leave the recovery window
            case Entry.CopyBegin begin -> {}
            case Entry.AwaitRestart await -> {}
            case Entry.Track track -> {}
            case Entry.GuestRestarted restarted -> {}
            case Entry.Opened opened -> {}
            case Entry.Closed closed -> {}
            case Entry.VmDefined defined -> {}
        }
    }

    /** A point whose record is gone, but that can still be recovered: the volumes are there. */
    public void restore(RecoveryPoint point) {
        listOf(point.vm().id()).restore(point);
    }

    /** Lists the point for as long as it can be recovered, however old it is. */
    public void keep(VmId vm, Sequence sequence) {
        listOf(vm).keep(sequence);
    }

    /** The point is one like others again. */
    public void release(VmId vm, Sequence sequence) {
        listOf(vm).release(sequence);
    }

    /** Nothing before {@code floor} can be recovered any more. */
    public void forgetBefore(Sequence floor) {
        points.values().forEach(list -> list.forgetBefore(floor));
        points.entrySet()
                .removeIf(each -> each.getValue().all().isEmpty()
                        && ledger.vm(each.getKey()).isEmpty());
    }

    /** The VMs that have a point, those no longer protected included, each as of its newest point. */
    public List<Vm> vms() {
        return points.values().stream()
                .flatMap(list -> list.newest().map(RecoveryPoint::vm).stream())
                .toList();
    }

    /** The points of a VM, oldest first, consistent or not. */
    public List<RecoveryPoint> of(VmId vm) {
        return listOf(vm).all();
    }

    /** The points of a VM. */
    public PointList<RecoveryPoint> list(VmId vm) {
        return listOf(vm);
    }

    public Optional<RecoveryPoint> at(VmId vm, Sequence sequence) {
        return listOf(vm).at(sequence);
    }

    /** The newest consistent point up to {@code sequence}. */
    public Optional<RecoveryPoint> newestConsistent(VmId vm, Sequence sequence) {
        return listOf(vm).newestConsistent(sequence);
    }

    /** The newest consistent point that is not younger than {@code time}. */
    public Optional<RecoveryPoint> newestConsistent(VmId vm, Instant time) {
        return listOf(vm).newestConsistent(time);
    }

    private void addFor(StreamId stream, Mark mark, RecoveryPoint.Kind kind) {
        ledger.vmOf(stream).ifPresent(vm -> add(vm, mark, kind));
    }

    private void add(Vm vm, Mark mark, RecoveryPoint.Kind kind) {
        listOf(vm.id()).add(new RecoveryPoint(mark.sequence(), timeOf(mark), kind, vm, ledger.standing(vm)));
    }

    /** When the record was appended, by the clock of its source. */
    static Instant timeOf(Mark mark) {
        return Instant.ofEpochSecond(0, 0)
                .plusSeconds(mark.timeNanos() / NANOS_PER_SECOND)
                .plusNanos(mark.timeNanos() % NANOS_PER_SECOND);
    }

    /** The reason names the disk, as that of a point behind the record of the gap does. */
    private void withdraw(Vm vm, Entry.Gap gap) {
        String doubt = new IntakeState.Suspect(gap.since(), gap.reason()).doubt();
        vm.disk(gap.stream()).ifPresent(disk -> listOf(vm.id()).withdraw(gap.since(), Ledger.reason(disk, doubt)));
    }

    private PointList<RecoveryPoint> listOf(VmId vm) {
        return points.computeIfAbsent(vm, id -> new PointList<>());
    }

    static boolean keepsOrder(Vm vm) {
        return vm.disks().stream().anyMatch(disk -> disk.attachMode().keepsOrder());
    }
}
