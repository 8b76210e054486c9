package io.tidemark.console;

import io.tidemark.api.FailoverResource;
import io.tidemark.api.ForecastView;
import io.tidemark.api.GroupResource;
import io.tidemark.api.PeerResource;
import io.tidemark.api.Refusal;
import io.tidemark.api.SiteResource;
import io.tidemark.api.VmResource;
import io.tidemark.api.VmView;
import io.tidemark.metrics.RpoHistory;
import jakarta.annotation.security.RolesAllowed;
import jakarta.ws.rs.GET;
import jakarta.ws.rs.Path;
import jakarta.ws.rs.PathParam;
import jakarta.ws.rs.Produces;
import jakarta.ws.rs.QueryParam;
import jakarta.ws.rs.core.MediaType;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/** What is to be seen: the site, VMs, groups, events. Each is what REST says, on a page. */
@Path("/console")
@Produces(MediaType.TEXT_HTML)
@RolesAllowed("viewer")
public final class ConsolePages {

    private static final String EVENTS_MAX = "200";

    /**
     * What the chart draws.
     *
     * @param times in seconds since 1970
     */
    public record History(List<Long> times, List<Float> rpoSeconds) {}

    private final SiteResource site;
    private final VmResource vms;
    private final PeerResource peers;
    private final GroupResource groups;
    private final FailoverResource failovers;
    private final RpoHistory history;
    private final Pages pages;

    public ConsolePages(
            SiteResource site,
            VmResource vms,
            PeerResource peers,
            GroupResource groups,
            FailoverResource failovers,
            RpoHistory history,
            Pages pages) {
        this.site = site;
        this.vms = vms;
        this.peers = peers;
        this.groups = groups;
        this.failovers = failovers;
        this.history = history;
        this.pages = pages;
    }

    @GET
    public String overview() {
        return pages.render("site", overviewValues());
    }

    @GET
    @Path("parts/site")
    public String overviewPart() {
        return pages.render("site-part", overviewValues());
    }

    private Map<String, ?> overviewValues() {
        SiteResource.SiteView view = site.site();
        return Map.of(
                "name", view.name(),
                "problems", view.problems(),
                "replicas", view.replicas().stream().map(Shown.Replica::of).toList(),
                "vms", vms.all().stream().map(Shown.Vm::of).toList(),
                "peers", peers.all().stream().map(Shown.Peer::of).toList(),
                "groups", groups.all().stream().map(Shown.Group::of).toList());
    }

    @GET
    @Path("vms/{vm}")
    public String vm(@PathParam("vm") String vm) {
        VmView view = vms.one(vm);
        Map<String, Object> values = vmValues(view);
        Optional<List<Points.Point>> points = points(vm);
        values.put("kept", points.isPresent());
        points.ifPresent(found -> values.putAll(pointValues("vm", view.id().toString(), "", found)));
        return pages.render("vm", values);
    }

    /** Those that are kept here; of a VM that came back from here, beside the fenced one. */
    private Optional<List<Points.Point>> points(String vm) {
        try {
            return Optional.of(vms.points(vm, false, Optional.empty(), Integer.toString(Points.SHOWN_MAX)).stream()
                    .map(Points.Point::of)
                    .toList());
        } catch (Refusal none) {
            return Optional.empty();
        }
    }

    @GET
    @Path("parts/vms/{vm}")
    public String vmPart(@PathParam("vm") String vm) {
        return pages.render("vm-part", vmValues(vms.one(vm)));
    }

    private static Map<String, Object> vmValues(VmView view) {
        Map<String, Object> values = new HashMap<>();
        values.put("vm", Shown.Vm.of(view));
        values.put("source", view.role().equals("source"));
        values.put("disks", view.disks().stream().map(Shown.Disk::of).toList());
        values.put(
                "fullIn",
                view.forecast()
                        .flatMap(ForecastView::secondsUntilFull)
                        .map(Words::seconds)
                        .orElse("not filling up"));
        values.put("caughtUpIn", Words.seconds(view.forecast().flatMap(ForecastView::secondsToCatchUp)));
        return values;
    }

    @GET
    @Path("vms/{vm}/rpo")
    @Produces(MediaType.APPLICATION_JSON)
    public History rpo(@PathParam("vm") String vm) {
        List<Long> times = new ArrayList<>();
        List<Float> seconds = new ArrayList<>();
        for (RpoHistory.Look look : history.of(vms.one(vm).id())) {
            times.add(look.time().getEpochSecond());
            seconds.add(look.rpoSeconds());
        }
        return new History(times, seconds);
    }

    @GET
    @Path("groups/{group}")
    public String group(@PathParam("group") String group, @QueryParam("peer") Optional<String> peer) {
        Shown.Group shown = Shown.Group.of(groups.one(group, peer));
        Map<String, Object> values = new HashMap<>();
        values.put("group", shown);
        if (shown.here()) {
            List<Points.Point> points =
                    groups.points(group, peer, false, Optional.empty(), Integer.toString(Points.SHOWN_MAX)).stream()
                            .map(Points.Point::of)
                            .toList();
            values.putAll(pointValues("group", shown.name(), peer.orElse(""), points));
        }
        return pages.render("group", values);
    }

    private static Map<String, Object> pointValues(
            String subjectKind, String subject, String peer, List<Points.Point> points) {
        return Map.of(
                "subjectKind", subjectKind,
                "subject", subject,
                "peer", peer,
                "points", Points.rows(points),
                "timeLine", Points.timeLine(points));
    }

    @GET
    @Path("failovers")
    public String failovers() {
        return pages.render("failovers", failoverValues());
    }

    @GET
    @Path("parts/failovers")
    public String failoversPart() {
        return pages.render("failovers-part", failoverValues());
    }

    private Map<String, ?> failoverValues() {
        return Map.of(
                "failovers",
                failovers.all(Optional.empty()).stream().map(Promoted::of).toList());
    }

    /** A failover in a list. */
    public record Promoted(
            String vm,
            String name,
            Shown.State stage,
            String problem,
            String how,
            String point,
            String from,
            String setAside,
            String toCopy,
            String copyBack) {

        static Promoted of(FailoverResource.FailoverView view) {
            return new Promoted(
                    view.vm().toString(),
                    view.name(),
                    view.problem().isPresent()
                            ? Shown.State.bad(view.stage())
                            : view.stage().equals("plain")
                                    ? Shown.State.good(view.stage())
                                    : Shown.State.busy(view.stage()),
                    view.problem().orElse(""),
                    view.planned() ? "planned" : "the source was lost",
                    view.point()
                            .map(point -> point.sequence() + ", " + point.time())
                            .orElse(Words.NONE),
                    view.peer(),
                    view.setAside().map(count -> count + " records").orElse(Words.NONE),
                    view.copyLeftBytes().map(Words::bytes).orElse(Words.NONE),
                    view.copyBack()
                            .map(FailoverResource.FailoverView.CopyBackView::kind)
                            .orElse(Words.NONE));
        }
    }

    @GET
    @Path("events")
    public String events() {
        return pages.render("events", eventValues());
    }

    @GET
    @Path("parts/events")
    public String eventsPart() {
        return pages.render("events-part", eventValues());
    }

    private Map<String, ?> eventValues() {
        return Map.of(
                "events",
                site.events("0", EVENTS_MAX).stream().map(Shown.Happened::of).toList());
    }
}
