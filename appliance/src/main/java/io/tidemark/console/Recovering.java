package io.tidemark.console;

import io.tidemark.api.DrillResource;
import io.tidemark.api.FailoverResource;
import io.tidemark.api.VmResource;
import jakarta.annotation.security.RolesAllowed;
import jakarta.ws.rs.BadRequestException;
import jakarta.ws.rs.DefaultValue;
import jakarta.ws.rs.FormParam;
import jakarta.ws.rs.GET;
import jakarta.ws.rs.POST;
import jakarta.ws.rs.Path;
import jakarta.ws.rs.PathParam;
import jakarta.ws.rs.Produces;
import jakarta.ws.rs.QueryParam;
import jakarta.ws.rs.core.MediaType;
import jakarta.ws.rs.core.Response;
import java.io.IOException;
import java.net.URI;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/** What is to be done at a recovery point: drills and failovers, each asked for once more before it is begun. */
@Path("/console")
@Produces(MediaType.TEXT_HTML)
@RolesAllowed("viewer")
public final class Recovering {

    /** A drill on a page. */
    public record Drilled(
            String id, String of, String point, String started, String gone, List<DrillResource.DiskUri> disks) {

        static Drilled of(DrillResource.DrillView view) {
            List<DrillResource.DiskUri> disks = new ArrayList<>(view.disks());
            view.vms().forEach(vm -> vm.disks()
                    .forEach(disk -> disks.add(
                            new DrillResource.DiskUri(vm.vm() + "/" + disk.name(), disk.sizeBytes(), disk.uri()))));
            return new Drilled(
                    view.id(),
                    view.group()
                            .map(group -> "Group " + group)
                            .orElseGet(() -> "VM " + view.vm().orElse("")),
                    view.point().sequence() + ", " + Words.time(view.point().time()) + " UTC",
                    Words.time(view.started()) + " UTC",
                    view.gone().orElse(""),
                    disks);
        }
    }

    /** What is brought back, as forms and addresses have it. */
    private record Subject(Optional<String> vm, Optional<String> group, Optional<String> peer) {

        static Subject of(String vm, String group, String peer) {
            return new Subject(said(vm), said(group), said(peer));
        }

        private static Optional<String> said(String text) {
            return Optional.of(text).filter(each -> !each.isEmpty());
        }
    }

    private final DrillResource drills;
    private final FailoverResource failovers;
    private final VmResource vms;
    private final Browser browser;
    private final Pages pages;

    public Recovering(DrillResource drills, FailoverResource failovers, VmResource vms, Browser browser, Pages pages) {
        this.drills = drills;
        this.failovers = failovers;
        this.vms = vms;
        this.browser = browser;
        this.pages = pages;
    }

    @GET
    @Path("drills")
    public String drills() {
        return pages.render(
                "drills",
                Map.of("drills", drills.all().stream().map(Drilled::of).toList()));
    }

    @GET
    @Path("recover")
    @RolesAllowed("operator")
    public String recover(
            @QueryParam("do") @DefaultValue("drill") String what,
            @QueryParam("vm") @DefaultValue("") String vm,
            @QueryParam("group") @DefaultValue("") String group,
            @QueryParam("peer") @DefaultValue("") String peer,
            @QueryParam("point") @DefaultValue("latest") String point) {
        boolean failover = what.equals("failover");
        boolean ofGroup = !group.isEmpty();
        String name = ofGroup ? group : vms.one(vm).name();
        return pages.render(
                "recover",
                Map.of(
                        "failover",
                        failover,
                        "heading",
                        (failover ? "Fail over " : "Drill ") + (ofGroup ? "group " : "VM ") + name,
                        "subjectKind",
                        ofGroup ? "group" : "vm",
                        "subject",
                        ofGroup ? group : vm,
                        "peer",
                        peer,
                        "point",
                        point,
                        "name",
                        name,
                        "back",
                        Browser.ROOT + (ofGroup ? "/groups/" + group : "/vms/" + vm)));
    }

    @POST
    @Path("drills")
    @RolesAllowed("operator")
    public Response drill(
            @FormParam("proof") @DefaultValue("") String proof,
            @FormParam("vm") @DefaultValue("") String vm,
            @FormParam("group") @DefaultValue("") String group,
            @FormParam("peer") @DefaultValue("") String peer,
            @FormParam("point") @DefaultValue("latest") String point) {
        browser.require(proof);
        Subject subject = Subject.of(vm, group, peer);
        drills.start(new DrillResource.DrillRequest(
                subject.vm(), subject.group(), subject.peer(), Optional.of(point), Optional.empty()));
        return Response.seeOther(URI.create(Browser.ROOT + "/drills")).build();
    }

    @POST
    @Path("drills/{drill}/end")
    @RolesAllowed("operator")
    public Response end(
            @PathParam("drill") String drill,
            @FormParam("proof") @DefaultValue("") String proof,
            @FormParam("result") @DefaultValue("") String result,
            @FormParam("note") @DefaultValue("") String note) {
        browser.require(proof);
        drills.delete(drill, result, note);
        return Response.seeOther(URI.create(Browser.ROOT + "/drills")).build();
    }

    @POST
    @Path("failovers")
    @RolesAllowed("admin")
    public Response failOver(
            @FormParam("proof") @DefaultValue("") String proof,
            @FormParam("vm") @DefaultValue("") String vm,
            @FormParam("group") @DefaultValue("") String group,
            @FormParam("peer") @DefaultValue("") String peer,
            @FormParam("point") @DefaultValue("latest") String point,
            @FormParam("planned") @DefaultValue("") String planned,
            @FormParam("confirm") @DefaultValue("") String confirm)
            throws IOException {
        browser.require(proof);
        String name = group.isEmpty() ? vms.one(vm).name() : group;
        if (!confirm.strip().equals(name)) {
            throw new BadRequestException("'" + confirm + "' is not the name of what is to be failed over: " + name);
        }
        if (!planned.equals("true") && !planned.equals("false")) {
            throw new BadRequestException("it is not said whether this is planned");
        }
        boolean isPlanned = planned.equals("true");
        Subject subject = Subject.of(vm, group, peer);
        failovers.start(new FailoverResource.FailoverRequest(
                subject.vm(),
                subject.group(),
                subject.peer(),
                isPlanned ? Optional.empty() : Optional.of(point),
                Optional.of(isPlanned),
                Optional.empty()));
        return Response.seeOther(URI.create(Browser.ROOT + "/failovers")).build();
    }
}
