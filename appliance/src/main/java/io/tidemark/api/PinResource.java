package io.tidemark.api;

import io.tidemark.appliance.Appliance;
import io.tidemark.appliance.Recovery.Recoverable;
import io.tidemark.replica.PinOutcome;
import io.tidemark.vm.Name;
import jakarta.annotation.security.RolesAllowed;
import jakarta.ws.rs.DELETE;
import jakarta.ws.rs.GET;
import jakarta.ws.rs.PUT;
import jakarta.ws.rs.Path;
import jakarta.ws.rs.PathParam;
import jakarta.ws.rs.Produces;
import jakarta.ws.rs.core.MediaType;
import java.time.Instant;
import java.util.List;
import java.util.Optional;
import org.eclipse.microprofile.openapi.annotations.Operation;
import org.eclipse.microprofile.openapi.annotations.media.Schema;
import org.eclipse.microprofile.openapi.annotations.tags.Tag;
import org.jspecify.annotations.Nullable;

/** Recovery points that have a name, and stay when the recovery window has left them. */
@Path("/api/v1/vms/{vm}/pins")
@Produces(MediaType.APPLICATION_JSON)
@Tag(name = "pins")
@RolesAllowed(Allowed.VIEWER)
public final class PinResource {

    /** Which point. */
    public record PinRequest(
            @Schema(
                    defaultValue = "latest",
                    description =
                            "'latest', a sequence, a time: then the newest point not after it, or 'pin:' and the name of another")
            Optional<String> point) {}

    /**
     * A pin as operators see it.
     *
     * @param since when the point was pinned
     * @param keptBytes what of the journal has come behind the point, about: over {@code replica.pinned-bytes-max} the pin is given up
     */
    public record PinView(String name, Instant since, PointView point, long keptBytes) {}

    private final Appliance appliance;
    private final OnRecord onRecord;

    public PinResource(Appliance appliance, OnRecord onRecord) {
        this.appliance = appliance;
        this.onRecord = onRecord;
    }

    @GET
    @Operation(summary = "The pins of a VM, the oldest point first")
    public List<PinView> all(@PathParam("vm") String vm) {
        Recoverable found = VmResource.recoverable(appliance, vm, Optional.empty());
        return appliance.recovery().pins(found).stream()
                .map(pinned -> view(found, pinned))
                .toList();
    }

    @PUT
    @RolesAllowed(Allowed.OPERATOR)
    @Path("{pin}")
    @Operation(
            summary = "Pins a recovery point under a name",
            description =
                    "It stays until the pin is removed, within replica.pinned-bytes-max. Doing it again changes nothing.")
    public PinView put(@PathParam("vm") String vm, @PathParam("pin") String pin, @Nullable PinRequest body) {
        String point = Refusal.body(body).point().orElse("latest");
        onRecord.say("point", point);
        Recoverable found = VmResource.recoverable(appliance, vm, Optional.empty());
        Name name = VmResource.name("pin", pin);
        return switch (appliance.recovery().pin(found, name, DrillResource.choice(point))) {
            case PinOutcome.Pinned pinned -> {
                onRecord.say("record", pinned.point().sequence().toString());
                yield view(found, pinned);
            }
            case PinOutcome.NoSuchPoint none ->
                throw Refusal.notFound("VM " + vm + " has no consistent recovery point '" + point + "'");
            case PinOutcome.Refused refused -> throw Refusal.conflict(refused.reason());
        };
    }

    @DELETE
    @RolesAllowed(Allowed.OPERATOR)
    @Path("{pin}")
    @Operation(summary = "Removes a pin: its point leaves with the recovery window")
    public void delete(@PathParam("vm") String vm, @PathParam("pin") String pin) {
        Recoverable found = VmResource.recoverable(appliance, vm, Optional.empty());
        if (!appliance.recovery().unpin(found, VmResource.name("pin", pin))) {
            throw Refusal.notFound("VM " + vm + " has no pin " + pin);
        }
    }

    private PinView view(Recoverable vm, PinOutcome.Pinned pinned) {
        return new PinView(
                pinned.pin().name().text(),
                Instant.parse(pinned.pin().since()),
                PointView.of(
                        pinned.point(),
                        appliance.recovery().drillsAt(vm, pinned.pin().sequence())),
                pinned.keptBytes());
    }
}
