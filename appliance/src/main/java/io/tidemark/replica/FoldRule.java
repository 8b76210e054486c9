package io.tidemark.replica;

import io.tidemark.journal.Journal;
import io.tidemark.journal.Sequence;
import io.tidemark.vm.PointLog;
import io.tidemark.vm.RecoveryPoint;
import io.tidemark.vm.Vm;
import java.util.Optional;

/** How far the volumes may follow: whole epochs, and never past the last good point of a VM (I4, I8). Decisions only. */
final class FoldRule {

    private final Journal journal;
    private final PointLog points;

    FoldRule(Journal journal, PointLog points) {
        this.journal = journal;
        this.points = points;
    }

    /** The newest sequence that every VM with a good point can lose what is before, at most {@code bound}. */
    Sequence keepingLastPoints(Sequence bound) {
        Sequence limit = bound;
        for (Vm vm : points.vms()) {
            Optional<RecoveryPoint> newest = points.newestConsistent(vm.id(), journal.durable());
            if (newest.isPresent()) {
                limit = Sequence.earlier(limit, newest.get().sequence());
            }
        }
        return limit;
    }

    /** The newest end of an epoch in {@code (floor, limit]}; the floor if there is none and someone has a point to keep. */
    Sequence wholeEpochs(Sequence floor, Sequence limit) {
        if (!limit.isAfter(floor)) {
            return floor;
        }
        Sequence[] end = {floor};
        journal.marks(floor, limit, mark -> end[0] = mark.entry().endsEpoch() ? mark.sequence() : end[0]);
        boolean nobodyHasAPoint = points.vms().stream()
                .allMatch(vm ->
                        points.newestConsistent(vm.id(), journal.durable()).isEmpty());
        return nobodyHasAPoint ? limit : end[0];
    }
}
