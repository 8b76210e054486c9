package io.tidemark.api;

import com.fasterxml.jackson.annotation.JsonInclude;
import io.tidemark.appliance.Appliance;
import io.tidemark.appliance.Groups.Group;
import io.tidemark.appliance.Groups.Member;
import io.tidemark.appliance.Protection.Protected;
import io.tidemark.appliance.Recovery.Recoverable;
import io.tidemark.failover.DrillLog;
import io.tidemark.vm.Membership;
import io.tidemark.vm.Standing;
import io.tidemark.vm.Vm;
import java.time.Instant;
import java.util.List;
import java.util.Optional;
import java.util.UUID;

/**
 * A group as operators see it, at the site that protects its VMs or at the one that keeps them.
 *
 * @param peer the other site
 * @param consistent whether a recovery point now would be; only where its VMs are protected
 * @param inconsistency why not: the first VM and disk
 * @param rpoSeconds the largest of its VMs; only where they are protected
 * @param vms in the order in which they are to be started
 */
@JsonInclude(JsonInclude.Include.NON_ABSENT)
public record GroupView(
        String name,
        String peer,
        Optional<Boolean> consistent,
        Optional<String> inconsistency,
        Optional<Double> rpoSeconds,
        List<MemberView> vms) {

    /**
     * One of its VMs.
     *
     * @param role {@code source} or {@code replica}
     * @param fenced why its disks take no writes, if that is so; at the source only
     * @param lastDrillPassed when a drill of it was last seen to pass; at the replica only
     */
    @JsonInclude(JsonInclude.Include.NON_ABSENT)
    public record MemberView(
            UUID id,
            String name,
            int startOrder,
            int startDelaySeconds,
            String role,
            Optional<Boolean> consistent,
            Optional<String> inconsistency,
            Optional<Double> rpoSeconds,
            Optional<String> fenced,
            Optional<Instant> lastDrillPassed) {

        private static MemberView of(Member member, Appliance appliance) {
            return switch (member) {
                case Member.Source source -> of(source.vmHere());
                case Member.Replica replica -> of(replica.vmThere(), appliance);
            };
        }

        private static MemberView of(Protected vm) {
            Vm known = vm.status().vm();
            Standing standing = vm.status().standing();
            return new MemberView(
                    known.id().id(),
                    known.name().text(),
                    membership(known).startOrder(),
                    membership(known).startDelaySeconds(),
                    "source",
                    Optional.of(standing instanceof Standing.Consistent),
                    standing instanceof Standing.Inconsistent not ? Optional.of(not.reason()) : Optional.empty(),
                    Optional.of(vm.status().rpo().toNanos() / 1e9),
                    vm.source().intake().fencing().why(known),
                    Optional.empty());
        }

        private static MemberView of(Recoverable vm, Appliance appliance) {
            Vm known = vm.vm();
            return new MemberView(
                    known.id().id(),
                    known.name().text(),
                    membership(known).startOrder(),
                    membership(known).startDelaySeconds(),
                    "replica",
                    Optional.empty(),
                    Optional.empty(),
                    Optional.empty(),
                    Optional.empty(),
                    appliance.recovery().lastPassedDrill(known.id()).flatMap(DrillLog.Drilled::end));
        }

        private static Membership membership(Vm vm) {
            return vm.group().orElseThrow();
        }
    }

    static GroupView of(Group group, Appliance appliance) {
        List<MemberView> vms = group.members().stream()
                .map(member -> MemberView.of(member, appliance))
                .toList();
        return new GroupView(
                group.name().text(),
                group.peer(),
                vms.stream().flatMap(vm -> vm.consistent().stream()).reduce(Boolean::logicalAnd),
                vms.stream()
                        .flatMap(vm -> vm.inconsistency().map(why -> "VM " + vm.name() + ": " + why).stream())
                        .findFirst(),
                vms.stream().flatMap(vm -> vm.rpoSeconds().stream()).max(Double::compare),
                vms);
    }
}
