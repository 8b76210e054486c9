package io.tidemark.replica;

import io.tidemark.journal.Journal;
import io.tidemark.journal.Sequence;
import io.tidemark.vm.GroupLog;
import io.tidemark.vm.Ledger;
import io.tidemark.vm.Name;
import io.tidemark.vm.Point;
import io.tidemark.vm.PointLog;
import io.tidemark.vm.RecoveryPoint;
import io.tidemark.vm.Vm;
import java.util.List;
import java.util.Optional;
import java.util.stream.Stream;

/**
 * How far the volumes may follow: whole epochs, and never past the last good point of a VM or a group (I4, I8). Decisions only.
 *
 * <p>A VM that is no longer protected gets no newer point, so its points go with the window like its other records.
 */
final class FoldRule {

    private final Journal journal;
    private final Ledger ledger;
    private final PointLog points;
    private final GroupLog groups;

    FoldRule(Journal journal, Ledger ledger, PointLog points, GroupLog groups) {
        this.journal = journal;
        this.ledger = ledger;
        this.points = points;
        this.groups = groups;
    }

    /** The newest sequence that every VM and group with a good point can lose what is before, at most {@code bound}. */
    Sequence keepingLastPoints(Sequence bound) {
        return lastPoints().reduce(bound, Sequence::earlier);
    }

    /** The newest end of an epoch in {@code (floor, limit]}; the floor if there is none and someone has a point to keep. */
    Sequence wholeEpochs(Sequence floor, Sequence limit) {
        if (!limit.isAfter(floor)) {
            return floor;
        }
        Sequence[] end = {floor};
        journal.marks(floor, limit, mark -> end[0] = mark.entry().endsEpoch() ? mark.sequence() : end[0]);
        boolean nobodyHasAPoint = lastPoints().findAny().isEmpty();
        return nobodyHasAPoint ? limit : end[0];
    }

    /** The VMs whose last good point is before {@code bound}. */
    List<Vm> withoutPointFrom(Sequence bound) {
        return ledger.vms().stream()
                .filter(vm ->
                        lastPoint(vm).filter(point -> point.isBefore(bound)).isPresent())
                .toList();
    }

    /** The groups whose last good point is before {@code bound}. */
    List<Name> groupsWithoutPointFrom(Sequence bound) {
        return groups.named().stream()
                .filter(group ->
                        lastPoint(group).filter(point -> point.isBefore(bound)).isPresent())
                .toList();
    }

    private Stream<Sequence> lastPoints() {
        return Stream.concat(
                ledger.vms().stream().map(this::lastPoint).flatMap(Optional::stream),
                groups.named().stream().map(this::lastPoint).flatMap(Optional::stream));
    }

    private Optional<Sequence> lastPoint(Name group) {
        return groups.list(group).newestConsistent(journal.durable()).map(Point::sequence);
    }

    private Optional<Sequence> lastPoint(Vm vm) {
        return points.newestConsistent(vm.id(), journal.durable()).map(RecoveryPoint::sequence);
    }
}
