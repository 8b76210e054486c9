package io.tidemark.api;

import com.fasterxml.jackson.annotation.JsonInclude;
import com.fasterxml.jackson.annotation.JsonUnwrapped;
import io.tidemark.failover.DrillLog;
import io.tidemark.vm.RecoveryPoint;
import io.tidemark.vm.Standing;
import java.time.Instant;
import java.util.List;
import java.util.Optional;

/**
 * A recovery point as operators see it: one sequence over all disks of the VM.
 *
 * @param time when its record was appended at the source
 * @param kind what ended the epoch there: {@code flush}, {@code cut}, {@code copy-end}
 * @param inconsistency why it is not consistent, if it is not
 * @param accepted on whose word nothing is missing in it, where that was not seen
 * @param definitionVersion of the VM as it was then
 * @param drills what was drilled at it, oldest first
 */
@JsonInclude(JsonInclude.Include.NON_EMPTY)
public record PointView(
        long sequence,
        Instant time,
        String kind,
        boolean consistent,
        Optional<String> inconsistency,
        List<String> accepted,
        long definitionVersion,
        List<DrillMark> drills) {

    /** A drill at the point, over or not. */
    @JsonInclude(JsonInclude.Include.NON_EMPTY)
    public record DrillMark(String id, Instant started, Optional<Instant> ended, String result, String note) {

        static DrillMark of(DrillLog.Drilled drill) {
            return new DrillMark(
                    drill.id(),
                    Instant.parse(drill.started()),
                    drill.end(),
                    drill.verdict().result().label(),
                    drill.verdict().note());
        }
    }

    /** A point with the VM as it was then. */
    @JsonInclude(JsonInclude.Include.NON_ABSENT)
    public record Full(
            @JsonUnwrapped PointView point,
            List<VmView.DiskView> disks,
            VmView.DefinitionView definition,
            Optional<VmView.MembershipView> group) {

        static Full of(RecoveryPoint point, List<DrillLog.Drilled> drills) {
            return new Full(
                    PointView.of(point, drills),
                    point.vm().disks().stream().map(VmView::disk).toList(),
                    VmView.DefinitionView.of(point.vm().definition()),
                    VmView.MembershipView.of(point.vm()));
        }
    }

    static PointView of(RecoveryPoint point, List<DrillLog.Drilled> drills) {
        return new PointView(
                point.sequence().number(),
                point.time(),
                point.kind().label(),
                point.consistent(),
                point.standing() instanceof Standing.Inconsistent not ? Optional.of(not.reason()) : Optional.empty(),
                point.standing() instanceof Standing.Consistent consistent ? consistent.words() : List.of(),
                point.vm().definition().version(),
                drills.stream().map(DrillMark::of).toList());
    }
}
