package io.tidemark.api;

import io.tidemark.appliance.Appliance;
import io.tidemark.appliance.Groups.Group;
import io.tidemark.appliance.Recovery.RecoverableGroup;
import io.tidemark.journal.JournalId;
import io.tidemark.vm.Name;
import jakarta.annotation.security.RolesAllowed;
import jakarta.ws.rs.DefaultValue;
import jakarta.ws.rs.GET;
import jakarta.ws.rs.Path;
import jakarta.ws.rs.PathParam;
import jakarta.ws.rs.Produces;
import jakarta.ws.rs.QueryParam;
import jakarta.ws.rs.core.MediaType;
import java.util.List;
import java.util.Optional;
import java.util.UUID;
import org.eclipse.microprofile.openapi.annotations.Operation;
import org.eclipse.microprofile.openapi.annotations.tags.Tag;

/** Groups: VMs whose points are taken together. Which VM belongs to which group is said with the VM. */
@Path("/api/v1/groups")
@Produces(MediaType.APPLICATION_JSON)
@Tag(name = "groups")
@RolesAllowed(Allowed.VIEWER)
public final class GroupResource {

    private final Appliance appliance;

    public GroupResource(Appliance appliance) {
        this.appliance = appliance;
    }

    @GET
    @Operation(summary = "All groups")
    public List<GroupView> all() {
        return appliance.groups().all().stream()
                .map(group -> GroupView.of(group, appliance))
                .toList();
    }

    @GET
    @Path("{group}")
    @Operation(
            summary = "One group: its VMs in the order in which they are to be started, and how it stands",
            description = "Order and delays are for whoever starts the VMs: the appliance starts none.")
    public GroupView one(@PathParam("group") String group, @QueryParam("peer") Optional<String> peer) {
        List<Group> found = appliance.groups().find(VmResource.name("group", group)).stream()
                .filter(each -> peer.isEmpty() || peer.get().equals(each.peer()))
                .toList();
        if (found.isEmpty()) {
            throw Refusal.notFound("no VM here belongs to a group " + group);
        }
        if (found.size() > 1) {
            throw ambiguous(group, found.stream().map(Group::peer).toList());
        }
        return GroupView.of(found.getFirst(), appliance);
    }

    @GET
    @Path("{group}/recovery-points")
    @Operation(
            summary = "The recovery points of a group, the newest first: one sequence over all disks of all its VMs",
            description =
                    "At the site that keeps the replica. All of the last minutes, thinned by age beyond. When a new lineage was begun,"
                            + " 'lineage' chooses another than the newest that has a consistent point.")
    public List<PointView.OfGroup> points(
            @PathParam("group") String group,
            @QueryParam("peer") Optional<String> peer,
            @QueryParam("consistent") @DefaultValue("false") boolean consistentOnly,
            @QueryParam("lineage") Optional<UUID> lineage,
            @QueryParam("limit") @DefaultValue("" + VmResource.POINTS_DEFAULT) String limit) {
        long most = Refusal.count("limit", limit);
        RecoverableGroup found = recoverable(appliance, group, peer, lineage);
        return appliance.recovery().points(found).reversed().stream()
                .filter(point -> !consistentOnly || point.consistent())
                .limit(most)
                .map(point -> PointView.OfGroup.of(point, appliance.recovery().drillsAt(found, point)))
                .toList();
    }

    @GET
    @Path("{group}/recovery-points/{sequence}")
    @Operation(summary = "One recovery point, with the VMs of the group as they were then")
    public PointView.OfGroup point(
            @PathParam("group") String group,
            @QueryParam("peer") Optional<String> peer,
            @PathParam("sequence") long sequence) {
        RecoverableGroup found = recoverable(appliance, group, peer, Optional.empty());
        return appliance.recovery().points(found).stream()
                .filter(point -> point.sequence().number() == sequence)
                .findFirst()
                .map(point ->
                        PointView.OfGroup.whole(point, appliance.recovery().drillsAt(found, point)))
                .orElseThrow(() -> Refusal.notFound("group " + group + " has no listed recovery point " + sequence));
    }

    /** The one group of that name that can be brought back here. */
    static RecoverableGroup recoverable(
            Appliance appliance, String group, Optional<String> peer, Optional<UUID> lineage) {
        Name name = VmResource.name("group", group);
        List<RecoverableGroup> found = lineage
                .map(id -> appliance.recovery().findGroup(name, new JournalId(id)))
                .orElseGet(() -> appliance.recovery().findGroup(name))
                .stream()
                .filter(each ->
                        peer.isEmpty() || peer.get().equals(each.replica().site()))
                .toList();
        if (found.isEmpty()) {
            throw Refusal.notFound(
                    appliance.groups().find(name).isEmpty()
                            ? "no VM here belongs to a group " + group
                            : "group " + group
                                    + " is protected here: its recovery points are at the site it is shipped to");
        }
        if (found.size() > 1) {
            throw ambiguous(
                    group, found.stream().map(each -> each.replica().site()).toList());
        }
        return found.getFirst();
    }

    private static Refusal ambiguous(String group, List<String> peers) {
        return Refusal.conflict("peer", "group " + group + " is one of each of the sites " + peers + "; say of which");
    }
}
