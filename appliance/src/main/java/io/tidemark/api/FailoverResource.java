package io.tidemark.api;

import com.fasterxml.jackson.annotation.JsonInclude;
import io.tidemark.appliance.Appliance;
import io.tidemark.appliance.Protection.Protected;
import io.tidemark.appliance.Reach;
import io.tidemark.appliance.Recovery.Recoverable;
import io.tidemark.failover.CopyBack;
import io.tidemark.failover.Failover;
import io.tidemark.failover.Failovers;
import io.tidemark.journal.Sequence;
import jakarta.ws.rs.GET;
import jakarta.ws.rs.POST;
import jakarta.ws.rs.Path;
import jakarta.ws.rs.PathParam;
import jakarta.ws.rs.Produces;
import jakarta.ws.rs.core.MediaType;
import jakarta.ws.rs.core.Response;
import java.io.IOException;
import java.util.List;
import java.util.Optional;
import java.util.UUID;
import org.eclipse.microprofile.openapi.annotations.Operation;
import org.eclipse.microprofile.openapi.annotations.media.Schema;
import org.eclipse.microprofile.openapi.annotations.tags.Tag;
import org.jspecify.annotations.Nullable;

/** Failovers: this site becomes the source of a VM. */
@Path("/api/v1/failovers")
@Produces(MediaType.APPLICATION_JSON)
@Tag(name = "failovers")
public final class FailoverResource {

    /** Which VM, and at which point. */
    public record FailoverRequest(
            @Schema(required = true, description = "name or id")
            Optional<String> vm,

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

    private final Appliance appliance;
    private final Reach reach;

    public FailoverResource(Appliance appliance, Reach reach) {
        this.appliance = appliance;
        this.reach = reach;
    }

    @GET
    @Operation(summary = "The newest failover of each VM that has become, or was to become, one of this site's")
    public List<FailoverView> all() {
        return appliance.failovers().all().stream().map(this::view).toList();
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
    @Operation(
            summary = "Makes this site the source of a VM",
            description =
                    "The disks can be written to when the answer is there. The old source is fenced as soon as it can be reached: without"
                            + " 'planned', see that its guest has stopped. With 'planned' it stops first, and the answer is a conflict, and nothing has"
                            + " changed, unless everything that it has is here.")
    public Response start(@Nullable FailoverRequest body) throws IOException {
        FailoverRequest request = Refusal.body(body);
        String vm = request.vm().orElseThrow(() -> Refusal.badField("vm", "is missing"));
        boolean planned = request.planned().orElse(false);
        if (planned && request.point().filter(point -> !point.equals("latest")).isPresent()) {
            throw Refusal.badField("point", "is the latest in a planned failover");
        }
        Recoverable found = VmResource.recoverable(appliance, vm, request.lineage());
        String point = request.point().orElse("latest");
        Failovers.Outcome outcome = planned
                ? appliance.failovers().startPlanned(found.replica(), found.vm())
                : appliance.failovers().start(found.replica(), found.vm(), DrillResource.choice(point));
        return switch (outcome) {
            case Failovers.Outcome.Promoted promoted ->
                Response.status(Response.Status.CREATED)
                        .entity(view(promoted.failover()))
                        .build();
            case Failovers.Outcome.NoSuchPoint none ->
                throw Refusal.notFound("VM " + vm + " has no consistent recovery point '" + point + "'");
            case Failovers.Outcome.Refused refused -> throw Refusal.conflict(refused.reason());
        };
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
