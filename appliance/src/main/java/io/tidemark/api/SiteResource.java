package io.tidemark.api;

import io.tidemark.appliance.Appliance;
import io.tidemark.appliance.Reach;
import io.tidemark.events.Event;
import io.tidemark.events.EventLog;
import jakarta.annotation.security.RolesAllowed;
import jakarta.ws.rs.DefaultValue;
import jakarta.ws.rs.GET;
import jakarta.ws.rs.Path;
import jakarta.ws.rs.Produces;
import jakarta.ws.rs.QueryParam;
import jakarta.ws.rs.core.MediaType;
import java.util.List;
import java.util.UUID;
import org.eclipse.microprofile.openapi.annotations.Operation;
import org.eclipse.microprofile.openapi.annotations.tags.Tag;

/** The site itself, what it keeps for others, and what has happened. */
@Path("/api/v1")
@Produces(MediaType.APPLICATION_JSON)
@Tag(name = "site")
@RolesAllowed(Allowed.VIEWER)
public final class SiteResource {

    /**
     * This site.
     *
     * @param problems what a person should know, empty while all is well
     */
    public record SiteView(UUID id, String name, String nbd, List<ReplicaView> replicas, List<String> problems) {}

    /**
     * A journal that is kept for another site. Sequences are watermarks of it.
     *
     * @param number which of that site's lineages it is, from 1
     */
    public record ReplicaView(
            UUID journal,
            String site,
            int number,
            boolean connected,
            long received,
            long durable,
            long floor,
            long applied,
            PeerView.UsageView usage) {}

    private final Appliance appliance;
    private final Reach reach;
    private final EventLog events;

    public SiteResource(Appliance appliance, Reach reach, EventLog events) {
        this.appliance = appliance;
        this.reach = reach;
        this.events = events;
    }

    @GET
    @Path("site")
    @Operation(summary = "This site")
    public SiteView site() {
        List<ReplicaView> replicas = appliance.recovery().replicas().stream()
                .map(status -> new ReplicaView(
                        status.journal().id(),
                        status.site(),
                        status.number(),
                        status.connected(),
                        status.received().number(),
                        status.durable().number(),
                        status.floor().number(),
                        status.applied().number(),
                        PeerView.UsageView.of(status.usage())))
                .toList();
        return new SiteView(
                appliance.environment().site().id().id(),
                appliance.environment().site().name().text(),
                reach.uri(""),
                replicas,
                appliance.problems());
    }

    @GET
    @Path("events")
    @Operation(summary = "What has happened since the start, the newest first")
    public List<Event> events(
            @QueryParam("since") @DefaultValue("0") String since,
            @QueryParam("limit") @DefaultValue("100") String limit) {
        return events.since(Refusal.count("since", since), Refusal.count("limit", limit));
    }
}
