package io.tidemark.api;

import io.tidemark.appliance.Appliance;
import io.tidemark.appliance.Groups.Group;
import jakarta.ws.rs.GET;
import jakarta.ws.rs.Path;
import jakarta.ws.rs.PathParam;
import jakarta.ws.rs.Produces;
import jakarta.ws.rs.QueryParam;
import jakarta.ws.rs.core.MediaType;
import java.util.List;
import java.util.Optional;
import org.eclipse.microprofile.openapi.annotations.Operation;
import org.eclipse.microprofile.openapi.annotations.tags.Tag;

/** Groups: VMs whose points are taken together. Which VM belongs to which group is said with the VM. */
@Path("/api/v1/groups")
@Produces(MediaType.APPLICATION_JSON)
@Tag(name = "groups")
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

    static Refusal ambiguous(String group, List<String> peers) {
        return Refusal.conflict("peer", "group " + group + " is one of each of the sites " + peers + "; say of which");
    }
}
