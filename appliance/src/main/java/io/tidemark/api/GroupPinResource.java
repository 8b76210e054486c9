package io.tidemark.api;

import io.tidemark.appliance.Appliance;
import io.tidemark.appliance.Recovery.RecoverableGroup;
import io.tidemark.replica.GroupPinOutcome;
import io.tidemark.vm.Name;
import jakarta.annotation.security.RolesAllowed;
import jakarta.ws.rs.DELETE;
import jakarta.ws.rs.GET;
import jakarta.ws.rs.PUT;
import jakarta.ws.rs.Path;
import jakarta.ws.rs.PathParam;
import jakarta.ws.rs.Produces;
import jakarta.ws.rs.QueryParam;
import jakarta.ws.rs.core.MediaType;
import java.time.Instant;
import java.util.List;
import java.util.Optional;
import org.eclipse.microprofile.openapi.annotations.Operation;
import org.eclipse.microprofile.openapi.annotations.tags.Tag;
import org.jspecify.annotations.Nullable;

/** Recovery points of groups that have a name, and stay when the recovery window has left them. */
@Path("/api/v1/groups/{group}/pins")
@Produces(MediaType.APPLICATION_JSON)
@Tag(name = "pins")
@RolesAllowed(Allowed.VIEWER)
public final class GroupPinResource {

    /**
     * A pin as operators see it.
     *
     * @param since when the point was pinned
     * @param keptBytes what of the journal has come behind the point, about: over {@code replica.pinned-bytes-max} the pin is given up
     */
    public record GroupPinView(String name, Instant since, PointView.OfGroup point, long keptBytes) {}

    private final Appliance appliance;
    private final OnRecord onRecord;

    public GroupPinResource(Appliance appliance, OnRecord onRecord) {
        this.appliance = appliance;
        this.onRecord = onRecord;
    }

    @GET
    @Operation(summary = "The pins of a group, the oldest point first")
    public List<GroupPinView> all(@PathParam("group") String group, @QueryParam("peer") Optional<String> peer) {
        RecoverableGroup found = GroupResource.recoverable(appliance, group, peer, Optional.empty());
        return appliance.recovery().pins(found).stream()
                .map(pinned -> view(found, pinned))
                .toList();
    }

    @PUT
    @RolesAllowed(Allowed.OPERATOR)
    @Path("{pin}")
    @Operation(
            summary = "Pins a recovery point of a group under a name, for all of its VMs or for none",
            description =
                    "It stays until the pin is removed, within replica.pinned-bytes-max. Doing it again changes nothing."
                            + " Each VM has it as a pin of its own, too.")
    public GroupPinView put(
            @PathParam("group") String group,
            @QueryParam("peer") Optional<String> peer,
            @PathParam("pin") String pin,
            PinResource.@Nullable PinRequest body) {
        String point = Refusal.body(body).point().orElse("latest");
        onRecord.say("point", point);
        RecoverableGroup found = GroupResource.recoverable(appliance, group, peer, Optional.empty());
        Name name = VmResource.name("pin", pin);
        return switch (appliance.recovery().pin(found, name, DrillResource.choice(point))) {
            case GroupPinOutcome.Pinned pinned -> {
                onRecord.say("record", pinned.point().sequence().toString());
                yield view(found, pinned);
            }
            case GroupPinOutcome.NoSuchPoint none ->
                throw Refusal.notFound("group " + group + " has no consistent recovery point '" + point + "'");
            case GroupPinOutcome.Refused refused -> throw Refusal.conflict(refused.reason());
        };
    }

    @DELETE
    @RolesAllowed(Allowed.OPERATOR)
    @Path("{pin}")
    @Operation(
            summary =
                    "Removes a pin of a group, and that of each of its VMs: their point leaves with the recovery window")
    public void delete(
            @PathParam("group") String group, @QueryParam("peer") Optional<String> peer, @PathParam("pin") String pin) {
        RecoverableGroup found = GroupResource.recoverable(appliance, group, peer, Optional.empty());
        if (!appliance.recovery().unpin(found, VmResource.name("pin", pin))) {
            throw Refusal.notFound("group " + group + " has no pin " + pin);
        }
    }

    private GroupPinView view(RecoverableGroup group, GroupPinOutcome.Pinned pinned) {
        return new GroupPinView(
                pinned.name().text(),
                Instant.parse(pinned.since()),
                PointView.OfGroup.of(pinned.point(), appliance.recovery().drillsAt(group, pinned.point())),
                pinned.keptBytes());
    }
}
