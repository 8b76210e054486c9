package io.tidemark.api;

import com.fasterxml.jackson.annotation.JsonInclude;
import io.tidemark.appliance.Appliance;
import io.tidemark.appliance.Protection.Protected;
import io.tidemark.appliance.Reach;
import io.tidemark.appliance.Recovery.Recoverable;
import io.tidemark.appliance.Recovery.RecoverableGroup;
import io.tidemark.failover.CopyBack;
import io.tidemark.failover.Failover;
import io.tidemark.failover.Failovers;
import io.tidemark.journal.Sequence;
import io.tidemark.vm.Membership;
import io.tidemark.vm.Name;
import jakarta.annotation.security.RolesAllowed;
import jakarta.ws.rs.GET;
import jakarta.ws.rs.POST;
import jakarta.ws.rs.Path;
import jakarta.ws.rs.PathParam;
import jakarta.ws.rs.Produces;
import jakarta.ws.rs.QueryParam;
import jakarta.ws.rs.core.MediaType;
import jakarta.ws.rs.core.Response;
import java.io.IOException;
import java.util.Comparator;
import java.util.List;
import java.util.Optional;
import java.util.UUID;
import java.util.stream.Collectors;
import org.eclipse.microprofile.openapi.annotations.Operation;
import org.eclipse.microprofile.openapi.annotations.media.Schema;
import org.eclipse.microprofile.openapi.annotations.tags.Tag;
import org.jspecify.annotations.Nullable;

/** Failovers: this site becomes the source of a VM, or of all VMs of a group. */
@Path("/api/v1/failovers")
@Produces(MediaType.APPLICATION_JSON)
@Tag(name = "failovers")
@RolesAllowed(Allowed.VIEWER)
public final class FailoverResource {

    /** Which VM or group, and at which point. */
    public record FailoverRequest(
            @Schema(description = "name or id; or 'group'") Optional<String> vm,

            @Schema(description = "instead of 'vm': all VMs of the group, at one sequence, or none")
            Optional<String> group,

            @Schema(description = "the site whose group it is, when sites have chosen the same name")
            Optional<String> peer,

            @Schema(
                    defaultValue = "latest",
                    description = "'latest', a sequence, or a time: then the newest point not after it")
            Optional<String> point,

            @Schema(
                    defaultValue = "false",
                    description = "the source stops first, and nothing happens unless all that it has is here")
            Optional<Boolean> planned,

            @Schema(
                    description =
                            "the lineage to look in, when a new one was begun; else the newest that has a consistent point")
            Optional<UUID> lineage) {}

    /**
     * A failover as operators see it.
     *
     * @param point the record that the VM's disks were taken at, and its time
     * @param setAside records of the old source behind the point that are kept here and are no part of the VM's disks
     * @param copyLeftBytes what of the disks is still read from the replica
     * @param copyBack what of the disks is copied to the old source
     * @param problem why it was refused
     */
    @JsonInclude(JsonInclude.Include.NON_ABSENT)
    public record FailoverView(
            UUID vm,
            String name,
            String stage,
            boolean planned,
            String peer,
            long term,
            String started,
            Optional<PointView> point,
            Optional<Long> setAside,
            Optional<Long> copyLeftBytes,
            Optional<FailoverView.CopyBackView> copyBack,
            Optional<String> problem,
            Optional<VmView.MembershipView> group,
            List<VmView.DiskView> disks,
            VmView.DefinitionView definition) {

        /**
         * What is copied to the old source.
         *
         * @param kind 'undecided', 'difference' or 'whole'
         * @param reason why it is that
         */
        public record CopyBackView(String kind, Optional<String> reason) {

            static CopyBackView of(CopyBack back) {
                return new CopyBackView(
                        back.kind().label(), back.reason().isEmpty() ? Optional.empty() : Optional.of(back.reason()));
            }
        }

        /** Where it was taken. */
        public record PointView(UUID journal, long sequence, String time) {}
    }

    /**
     * The failover of a group.
     *
     * @param failovers of its VMs, in the order in which they are to be started
     */
    public record GroupFailoverView(String group, List<FailoverView> failovers) {}

    private final Appliance appliance;
    private final Reach reach;
    private final OnRecord onRecord;

    public FailoverResource(Appliance appliance, Reach reach, OnRecord onRecord) {
        this.appliance = appliance;
        this.reach = reach;
        this.onRecord = onRecord;
    }

    @GET
    @Operation(
            summary = "The newest failover of each VM that has become, or was to become, one of this site's",
            description = "With 'group' those of its VMs, in the order in which they are to be started.")
    public List<FailoverView> all(@QueryParam("group") Optional<String> group) {
        Optional<Name> wanted = group.map(name -> VmResource.name("group", name));
        return appliance.failovers().all().stream()
                .filter(each -> wanted.isEmpty() || each.vm().isIn(wanted.get()))
                .sorted(Comparator.comparing(Failover::vm, Membership.byStart()))
                .map(this::view)
                .toList();
    }

    @GET
    @Path("{vm}")
    @Operation(summary = "The newest failover of one VM, by its name or id")
    public FailoverView one(@PathParam("vm") String vm) {
        return appliance
                .failovers()
                .find(vm)
                .map(this::view)
                .orElseThrow(() -> Refusal.notFound("there was no failover of a VM " + vm));
    }

    @POST
    @RolesAllowed(Allowed.ADMIN)
    @Operation(
            summary = "Makes this site the source of a VM, or of all VMs of a group",
            description =
                    "The disks can be written to when the answer is there. The old source is fenced as soon as it can be reached: without"
                            + " 'planned', see that its guest has stopped. With 'planned' it stops first, and the answer is a conflict, and nothing has"
                            + " changed, unless everything that it has is here. Of a group it is all VMs at one sequence, or none.")
    public Response start(@Nullable FailoverRequest body) throws IOException {
        FailoverRequest request = Refusal.body(body);
        String what = DrillResource.subject(request.vm(), request.group());
        boolean planned = request.planned().orElse(false);
        if (planned && request.point().filter(point -> !point.equals("latest")).isPresent()) {
            throw Refusal.badField("point", "is the latest in a planned failover");
        }
        String point = request.point().orElse("latest");
        onRecord.say("vm", request.vm());
        onRecord.say("group", request.group());
        onRecord.say("peer", request.peer());
        onRecord.say("lineage", request.lineage());
        onRecord.say("point", point);
        onRecord.say("planned", Boolean.toString(planned));
        return switch (request.group().isPresent()
                ? startGroup(request, request.group().get(), planned, point)
                : startVm(request, request.vm().orElseThrow(), planned, point)) {
            case Failovers.Outcome.Promoted promoted -> {
                sayWhat(List.of(promoted.failover()));
                yield Response.status(Response.Status.CREATED)
                        .entity(view(promoted.failover()))
                        .build();
            }
            case Failovers.Outcome.AllPromoted all -> {
                sayWhat(all.failovers());
                yield Response.status(Response.Status.CREATED)
                        .entity(new GroupFailoverView(
                                request.group().orElseThrow(),
                                all.failovers().stream().map(this::view).toList()))
                        .build();
            }
            case Failovers.Outcome.NoSuchPoint none ->
                throw Refusal.notFound(what + " has no consistent recovery point '" + point + "'");
            case Failovers.Outcome.Refused refused -> throw Refusal.conflict(refused.reason());
        };
    }

    /** Of a group all have one sequence, and terms of their own. */
    private void sayWhat(List<Failover> promoted) {
        onRecord.say(
                "vm", promoted.stream().map(each -> each.vm().name().text()).collect(Collectors.joining(",")));
        onRecord.say("record", promoted.getFirst().point().toString());
        onRecord.say(
                "term",
                promoted.stream().map(each -> Long.toString(each.term())).collect(Collectors.joining(",")));
    }

    private Failovers.Outcome startVm(FailoverRequest request, String vm, boolean planned, String point)
            throws IOException {
        Recoverable found = VmResource.recoverable(appliance, vm, request.lineage());
        return planned
                ? appliance.failovers().startPlanned(found.replica(), found.vm())
                : appliance.failovers().start(found.replica(), found.vm(), DrillResource.choice(point));
    }

    private Failovers.Outcome startGroup(FailoverRequest request, String group, boolean planned, String point)
            throws IOException {
        RecoverableGroup found = GroupResource.recoverable(appliance, group, request.peer(), request.lineage());
        return planned
                ? appliance.failovers().startPlanned(found.replica(), found.name())
                : appliance.failovers().start(found.replica(), found.name(), DrillResource.choice(point));
    }

    private FailoverView view(Failover failover) {
        boolean chosen = failover.point().isAfter(Sequence.NONE);
        boolean promoted = failover.received().isAfter(Sequence.NONE);
        Optional<Protected> here =
                appliance.protection().find(failover.vm().id().toString());
        return new FailoverView(
                failover.vm().id().id(),
                failover.vm().name().text(),
                failover.stage().label(),
                failover.planned(),
                failover.peer(),
                failover.term(),
                failover.started(),
                chosen
                        ? Optional.of(new FailoverView.PointView(
                                failover.journal(), failover.point().number(), failover.pointTime()))
                        : Optional.empty(),
                promoted ? Optional.of(failover.received().recordsSince(failover.point())) : Optional.empty(),
                left(failover),
                promoted ? Optional.of(FailoverView.CopyBackView.of(failover.copyBack())) : Optional.empty(),
                failover.problem().isEmpty() ? Optional.empty() : Optional.of(failover.problem()),
                VmView.MembershipView.of(failover.vm()),
                here.map(vm -> VmView.disks(vm, reach))
                        .orElseGet(() ->
                                failover.vm().disks().stream().map(VmView::disk).toList()),
                VmView.DefinitionView.of(failover.vm().definition()));
    }

    private Optional<Long> left(Failover failover) {
        var bytes = appliance.failovers().leftBytes(failover);
        return bytes.isPresent() ? Optional.of(bytes.getAsLong()) : Optional.empty();
    }
}
