package io.tidemark.api;

import com.fasterxml.jackson.annotation.JsonInclude;
import com.fasterxml.jackson.annotation.JsonUnwrapped;
import io.tidemark.failover.DrillLog;
import io.tidemark.vm.GroupPoint;
import io.tidemark.vm.Membership;
import io.tidemark.vm.RecoveryPoint;
import io.tidemark.vm.Standing;
import io.tidemark.vm.Vm;
import java.time.Instant;
import java.util.List;
import java.util.Optional;
import java.util.UUID;

/**
 * A recovery point as operators see it: one sequence over all disks of the VM.
 *
 * @param time when its record was appended at the source
 * @param kind what ended the epoch there: {@code flush}, {@code cut}, {@code copy-end}
 * @param inconsistency why it is not consistent, if it is not
 * @param accepted on whose word nothing is missing in it, where that was not seen
 * @param definitionVersion of the VM as it was then; not of a group
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
        Optional<Long> definitionVersion,
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

    /** A point of a group with its VMs as they were then, in the order in which they are to be started. */
    @JsonInclude(JsonInclude.Include.NON_EMPTY)
    public record OfGroup(
            long sequence,
            Instant time,
            String kind,
            boolean consistent,
            Optional<String> inconsistency,
            List<String> accepted,
            List<DrillMark> drills,
            List<MemberView> vms) {

        static OfGroup of(GroupPoint point, List<DrillLog.Drilled> drills) {
            return of(point, drills, List.of());
        }

        static OfGroup whole(GroupPoint point, List<DrillLog.Drilled> drills) {
            return of(point, drills, point.vms().stream().map(MemberView::of).toList());
        }

        private static OfGroup of(GroupPoint point, List<DrillLog.Drilled> drills, List<MemberView> vms) {
            return new OfGroup(
                    point.sequence().number(),
                    point.time(),
                    point.kind().label(),
                    point.consistent(),
                    point.standing() instanceof Standing.Inconsistent not
                            ? Optional.of(not.reason())
                            : Optional.empty(),
                    words(point.standing()),
                    drills.stream().map(DrillMark::of).toList(),
                    vms);
        }
    }

    /** A VM of a group at a point. */
    @JsonInclude(JsonInclude.Include.NON_ABSENT)
    public record MemberView(
            UUID id,
            String name,
            int startOrder,
            int startDelaySeconds,
            List<VmView.DiskView> disks,
            VmView.DefinitionView definition) {

        static MemberView of(Vm vm) {
            Membership group = vm.group().orElseThrow();
            return new MemberView(
                    vm.id().id(),
                    vm.name().text(),
                    group.startOrder(),
                    group.startDelaySeconds(),
                    vm.disks().stream().map(VmView::disk).toList(),
                    VmView.DefinitionView.of(vm.definition()));
        }
    }

    static PointView of(RecoveryPoint point, List<DrillLog.Drilled> drills) {
        return of(point, drills, Optional.of(point.vm().definition().version()));
    }

    /** The point of all VMs of a group, as one of them has it. */
    static PointView ofAll(RecoveryPoint point) {
        return of(point, List.of(), Optional.empty());
    }

    private static PointView of(RecoveryPoint point, List<DrillLog.Drilled> drills, Optional<Long> definitionVersion) {
        return new PointView(
                point.sequence().number(),
                point.time(),
                point.kind().label(),
                point.consistent(),
                point.standing() instanceof Standing.Inconsistent not ? Optional.of(not.reason()) : Optional.empty(),
                words(point.standing()),
                definitionVersion,
                drills.stream().map(DrillMark::of).toList());
    }

    private static List<String> words(Standing standing) {
        return standing instanceof Standing.Consistent consistent ? consistent.words() : List.of();
    }
}
