package io.tidemark.api;

import com.fasterxml.jackson.annotation.JsonInclude;
import io.tidemark.appliance.Appliance;
import io.tidemark.appliance.Protection.Protected;
import io.tidemark.mend.MendStatus;
import io.tidemark.mend.Mendings;
import io.tidemark.nbd.client.Destination;
import io.tidemark.target.TargetUri;
import io.tidemark.vm.Disk;
import io.tidemark.vm.Vm;
import jakarta.annotation.security.RolesAllowed;
import jakarta.ws.rs.DELETE;
import jakarta.ws.rs.GET;
import jakarta.ws.rs.POST;
import jakarta.ws.rs.Path;
import jakarta.ws.rs.PathParam;
import jakarta.ws.rs.Produces;
import jakarta.ws.rs.core.MediaType;
import jakarta.ws.rs.core.Response;
import java.util.Optional;
import java.util.OptionalLong;
import org.eclipse.microprofile.openapi.annotations.Operation;
import org.eclipse.microprofile.openapi.annotations.media.Schema;
import org.eclipse.microprofile.openapi.annotations.tags.Tag;
import org.jspecify.annotations.Nullable;

/** The comparison of a disk with its source's disk, which mends a gap without a new copy. */
@Path("/api/v1/vms/{vm}/disks/{disk}/mend")
@Produces(MediaType.APPLICATION_JSON)
@Tag(name = "vms")
@RolesAllowed(Allowed.VIEWER)
public final class MendResource {

    /** What to compare with. */
    public record MendRequest(
            @Schema(
                    description =
                            "An NBD export of the source's disk as it was at one moment since the disk's copy-begin: nbd://host:port/export or nbds://")
            Optional<String> uri) {}

    /**
     * How far it has come.
     *
     * @param phase {@code running}, {@code complete} or {@code failed}
     * @param laidBytes so much was different, and is shipped
     * @param reason of a failure
     */
    @JsonInclude(JsonInclude.Include.NON_ABSENT)
    public record MendView(
            String phase,
            String uri,
            long sizeBytes,
            long comparedBytes,
            long laidBytes,
            OptionalLong secondsLeft,
            Optional<String> reason) {

        static MendView of(MendStatus status) {
            return new MendView(
                    status.phase().label(),
                    status.origin(),
                    status.sizeBytes(),
                    status.comparedBytes(),
                    status.laidBytes(),
                    status.secondsLeft(),
                    status.reason().isEmpty() ? Optional.empty() : Optional.of(status.reason()));
        }
    }

    private final Appliance appliance;

    public MendResource(Appliance appliance) {
        this.appliance = appliance;
    }

    @POST
    @RolesAllowed(Allowed.OPERATOR)
    @Operation(
            summary = "Compares a disk with its source's disk, and lays what differs over it",
            description =
                    "For a suspect disk whose source is connected again: first copy-begin, then a point-in-time export of the source's disk, then this."
                            + " When all is compared the disk is in sync. It may be tried again after a failure.")
    public Response start(@PathParam("vm") String vm, @PathParam("disk") String disk, @Nullable MendRequest body) {
        String text = Refusal.body(body)
                .uri()
                .orElseThrow(() -> Refusal.badField("uri", "is missing: nbd://host:port/export"));
        Protected found = source(vm);
        Disk wanted = disk(found, disk);
        Vm known = found.status().vm();
        Destination origin = uri(text)
                .destination(
                        known.name(),
                        wanted.name(),
                        appliance.environment().targets().tls());
        return switch (appliance
                .mendings()
                .start(found.source().intake().mends(), wanted.id(), known.name() + "/" + wanted.name(), origin)) {
            case Mendings.Started.Refused refused -> throw Refusal.conflict(refused.reason());
            case Mendings.Started.Done done ->
                Response.status(Response.Status.ACCEPTED)
                        .entity(MendView.of(done.status()))
                        .build();
        };
    }

    @GET
    @Operation(summary = "How far the comparison has come, or how the last one ended")
    public MendView status(@PathParam("vm") String vm, @PathParam("disk") String disk) {
        return appliance
                .mendings()
                .status(disk(source(vm), disk).id())
                .map(MendView::of)
                .orElseThrow(() -> Refusal.notFound("disk " + disk + " of VM " + vm + " is not being compared"));
    }

    @DELETE
    @RolesAllowed(Allowed.OPERATOR)
    @Operation(
            summary = "Ends the comparison",
            description =
                    "What was laid over the disk stays. The disk goes on as being copied, and is in no consistent point.")
    public void giveUp(@PathParam("vm") String vm, @PathParam("disk") String disk) {
        if (!appliance.mendings().giveUp(disk(source(vm), disk).id())) {
            throw Refusal.notFound("disk " + disk + " of VM " + vm + " is not being compared");
        }
    }

    private static TargetUri uri(String text) {
        try {
            return TargetUri.parse(text);
        } catch (IllegalArgumentException e) {
            throw Refusal.badField("uri", String.valueOf(e.getMessage()));
        }
    }

    private Protected source(String vm) {
        return appliance
                .protection()
                .find(vm)
                .orElseThrow(() -> Refusal.notFound("no VM " + vm + " is protected here"));
    }

    private static Disk disk(Protected vm, String disk) {
        return vm.status()
                .vm()
                .disk(VmResource.name("disk", disk))
                .orElseThrow(() -> Refusal.notFound("VM " + vm.status().vm().name() + " has no disk " + disk));
    }
}
