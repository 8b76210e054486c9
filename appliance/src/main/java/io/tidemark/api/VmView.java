package io.tidemark.api;

import com.fasterxml.jackson.annotation.JsonInclude;
import io.tidemark.appliance.Protection.Protected;
import io.tidemark.appliance.Reach;
import io.tidemark.appliance.Recovery.Recoverable;
import io.tidemark.failover.DrillLog;
import io.tidemark.intake.Fencing;
import io.tidemark.intake.Rung;
import io.tidemark.intake.VmStatus.DiskStatus;
import io.tidemark.metrics.Forecasts;
import io.tidemark.vm.Clients;
import io.tidemark.vm.Definition;
import io.tidemark.vm.Disk;
import io.tidemark.vm.IntakeState;
import io.tidemark.vm.Standing;
import io.tidemark.vm.Vm;
import java.time.Instant;
import java.util.List;
import java.util.Optional;
import java.util.UUID;

/**
 * A VM as operators see it, at the site that protects it or at the one that keeps it.
 *
 * @param role {@code source} or {@code replica}
 * @param peer the other site
 * @param consistent whether a recovery point now would be; at the source only
 * @param inconsistency why not
 * @param fenced why its disks take no writes, if that is so; at the source only
 * @param forecast of its journal, which it may share with other VMs; at the source only
 * @param lastDrillPassed when a drill of it was last seen to pass; at the replica only
 * @param priority which VMs go first when the link takes less than is written
 * @param rpoSeconds age of the oldest acknowledged write that is in no recovery point; at the source only
 */
@JsonInclude(JsonInclude.Include.NON_ABSENT)
public record VmView(
        UUID id,
        String name,
        String role,
        String peer,
        Optional<Boolean> consistent,
        Optional<String> inconsistency,
        Optional<Double> rpoSeconds,
        Optional<Instant> lastDrillPassed,
        Optional<FencedView> fenced,
        Optional<ForecastView> forecast,
        Optional<MembershipView> group,
        Optional<ClientsView> clients,
        String priority,
        List<DiskView> disks,
        DefinitionView definition) {

    /** Who may open its disks, unless anyone may. */
    public record ClientsView(List<String> disks, List<String> drills) {

        static Optional<ClientsView> of(Vm vm) {
            return Optional.of(vm.clients())
                    .filter(Clients::areNamed)
                    .map(clients -> new ClientsView(
                            clients.disks().texts(), clients.drills().texts()));
        }
    }

    /** The group that it belongs to. */
    public record MembershipView(String name, int startOrder, int startDelaySeconds) {

        static Optional<MembershipView> of(Vm vm) {
            return vm.group()
                    .map(group ->
                            new MembershipView(group.name().text(), group.startOrder(), group.startDelaySeconds()));
        }
    }

    /**
     * One of its disks; what only the source knows is left out at the replica.
     *
     * @param rung how it is shipped
     * @param copyLeftBytes what is still to be copied to the replica
     */
    @JsonInclude(JsonInclude.Include.NON_ABSENT)
    public record DiskView(
            UUID id,
            String name,
            long sizeBytes,
            String attachMode,
            String acknowledge,
            boolean seeded,
            Optional<String> uri,
            Optional<IntakeView> intake,
            Optional<String> ship,
            Optional<RungView> rung,
            Optional<Long> copyLeftBytes,
            Optional<Integer> connections,
            Optional<Long> epoch) {}

    /**
     * Whether our volume equals the source's disk.
     *
     * @param since the record it is so since, or behind which writes may be missing
     * @param accepted on whose word nothing is missing, if nobody has seen it
     * @param gaps how many gaps there were: to be told when a copy is reported as complete
     */
    @JsonInclude(JsonInclude.Include.NON_ABSENT)
    public record IntakeView(
            String state,
            Optional<Long> since,
            Optional<String> reason,
            Optional<String> accepted,
            int gaps,
            boolean awaitsRestart) {}

    /**
     * How a disk is shipped: {@code full}, {@code copying}, or {@code tracking} until it may be copied.
     *
     * @param reason why it is not full
     */
    @JsonInclude(JsonInclude.Include.NON_ABSENT)
    public record RungView(String step, Instant since, Optional<String> reason) {

        static RungView of(Rung rung) {
            return new RungView(
                    rung.step().label(),
                    rung.since(),
                    rung.reason().isEmpty() ? Optional.empty() : Optional.of(rung.reason()));
        }
    }

    /**
     * A VM whose source this site must not be.
     *
     * @param reason which site is its source, and in which term
     * @param acknowledged the peer has every record up to here
     * @param last the newest durable record
     * @param unshippedBytes changes of the VM between the two, which are here only
     */
    public record FencedView(String reason, long acknowledged, long last, long unshippedBytes) {

        static Optional<FencedView> of(Protected vm) {
            Fencing fencing = vm.source().intake().fencing();
            Vm known = vm.status().vm();
            return fencing.why(known).map(reason -> {
                Fencing.Unshipped left = fencing.unshipped(
                                known, vm.source().status().ship().durable())
                        .join();
                return new FencedView(
                        reason, left.acknowledged().number(), left.last().number(), left.bytes());
            });
        }
    }

    /** What the VM is beside its disks; the firmware's variables in base64. */
    public record DefinitionView(long version, String text, String firmware) {

        static DefinitionView of(Definition definition) {
            return new DefinitionView(
                    definition.version(),
                    definition.text(),
                    definition.firmware().base64());
        }
    }

    static VmView of(Protected vm, Reach reach, Forecasts forecasts) {
        Vm known = vm.status().vm();
        Standing standing = vm.status().standing();
        return new VmView(
                known.id().id(),
                known.name().text(),
                "source",
                vm.source().peer().name(),
                Optional.of(standing instanceof Standing.Consistent),
                standing instanceof Standing.Inconsistent not ? Optional.of(not.reason()) : Optional.empty(),
                Optional.of(vm.status().rpo().toNanos() / 1e9),
                Optional.empty(),
                FencedView.of(vm),
                ForecastView.of(forecasts, vm.source()),
                MembershipView.of(known),
                ClientsView.of(known),
                known.priority().label(),
                disks(vm, reach),
                DefinitionView.of(known.definition()));
    }

    static List<DiskView> disks(Protected vm, Reach reach) {
        return vm.status().disks().stream().map(disk -> disk(disk, reach)).toList();
    }

    static VmView of(Recoverable vm, Optional<DrillLog.Drilled> passed) {
        return new VmView(
                vm.vm().id().id(),
                vm.vm().name().text(),
                "replica",
                vm.replica().site(),
                Optional.empty(),
                Optional.empty(),
                Optional.empty(),
                passed.flatMap(DrillLog.Drilled::end),
                Optional.empty(),
                Optional.empty(),
                MembershipView.of(vm.vm()),
                ClientsView.of(vm.vm()),
                vm.vm().priority().label(),
                vm.vm().disks().stream().map(VmView::disk).toList(),
                DefinitionView.of(vm.vm().definition()));
    }

    static DiskView disk(Disk disk) {
        return new DiskView(
                disk.id().id(),
                disk.name().text(),
                disk.sizeBytes(),
                disk.attachMode().label(),
                disk.acknowledge().label(),
                disk.seeded(),
                Optional.empty(),
                Optional.empty(),
                Optional.empty(),
                Optional.empty(),
                Optional.empty(),
                Optional.empty(),
                Optional.empty());
    }

    private static DiskView disk(DiskStatus status, Reach reach) {
        Disk disk = status.disk();
        return new DiskView(
                disk.id().id(),
                disk.name().text(),
                disk.sizeBytes(),
                disk.attachMode().label(),
                disk.acknowledge().label(),
                disk.seeded(),
                Optional.of(reach.uri(status.export())),
                Optional.of(intake(status)),
                Optional.of(status.state().ship().label()),
                Optional.of(RungView.of(status.rung())),
                status.copyLeftBytes().isPresent()
                        ? Optional.of(status.copyLeftBytes().getAsLong())
                        : Optional.empty(),
                Optional.of(status.connections()),
                Optional.of(status.epoch().number()));
    }

    private static IntakeView intake(DiskStatus status) {
        IntakeState state = status.state().intake();
        Optional<Long> since =
                switch (state) {
                    case IntakeState.Empty empty -> Optional.empty();
                    case IntakeState.Copying copying ->
                        Optional.of(copying.since().number());
                    case IntakeState.InSync inSync -> Optional.of(inSync.since().number());
                    case IntakeState.Suspect suspect ->
                        Optional.of(suspect.since().number());
                };
        Optional<String> reason =
                state instanceof IntakeState.Suspect suspect ? Optional.of(suspect.reason()) : Optional.empty();
        Optional<String> accepted =
                state instanceof IntakeState.InSync inSync && !inSync.word().isEmpty()
                        ? Optional.of(inSync.word())
                        : Optional.empty();
        return new IntakeView(
                state.label(),
                since,
                reason,
                accepted,
                status.state().gaps(),
                status.state().awaitsRestart());
    }
}
