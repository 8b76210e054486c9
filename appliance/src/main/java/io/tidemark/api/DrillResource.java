package io.tidemark.api;

import com.fasterxml.jackson.annotation.JsonInclude;
import io.tidemark.appliance.Appliance;
import io.tidemark.appliance.Reach;
import io.tidemark.failover.Drill;
import io.tidemark.failover.Drills;
import io.tidemark.failover.Verdict;
import io.tidemark.journal.Sequence;
import io.tidemark.replica.PointChoice;
import io.tidemark.vm.Membership;
import io.tidemark.vm.Name;
import io.tidemark.vm.RecoveryPoint;
import io.tidemark.vm.Vm;
import jakarta.annotation.security.RolesAllowed;
import jakarta.ws.rs.DELETE;
import jakarta.ws.rs.DefaultValue;
import jakarta.ws.rs.GET;
import jakarta.ws.rs.POST;
import jakarta.ws.rs.Path;
import jakarta.ws.rs.PathParam;
import jakarta.ws.rs.Produces;
import jakarta.ws.rs.QueryParam;
import jakarta.ws.rs.core.MediaType;
import jakarta.ws.rs.core.Response;
import java.time.Instant;
import java.time.format.DateTimeParseException;
import java.util.List;
import java.util.Optional;
import java.util.UUID;
import java.util.stream.Stream;
import org.eclipse.microprofile.openapi.annotations.Operation;
import org.eclipse.microprofile.openapi.annotations.media.Schema;
import org.eclipse.microprofile.openapi.annotations.tags.Tag;
import org.jspecify.annotations.Nullable;

/** Drills: the disks of a VM or a group at a recovery point, writable, without a trace in the replica. */
@Path("/api/v1/drills")
@Produces(MediaType.APPLICATION_JSON)
@Tag(name = "drills")
@RolesAllowed(Allowed.VIEWER)
public final class DrillResource {

    /** Which VM or group, and at which point. */
    public record DrillRequest(
            @Schema(description = "name or id; or 'group'") Optional<String> vm,

            @Schema(description = "instead of 'vm': all VMs of the group at one sequence, or none")
            Optional<String> group,

            @Schema(description = "the site whose group it is, when sites have chosen the same name")
            Optional<String> peer,

            @Schema(
                    defaultValue = "latest",
                    description =
                            "'latest', a sequence, a time: then the newest point not after it, or 'pin:' and a name")
            Optional<String> point,

            @Schema(
                    description =
                            "the lineage to look in, when a new one was begun; else the newest that has a consistent point")
            Optional<UUID> lineage) {}

    /**
     * A drill as operators see it, of a VM or of a group.
     *
     * @param vms of a group, in the order in which they are to be started
     */
    public record DrillView(
            String id,
            @JsonInclude(JsonInclude.Include.NON_ABSENT) Optional<String> vm,
            @JsonInclude(JsonInclude.Include.NON_ABSENT) Optional<String> group,
            PointView point,
            Instant started,
            Optional<String> gone,

            @JsonInclude(JsonInclude.Include.NON_EMPTY) List<DiskUri> disks,

            @JsonInclude(JsonInclude.Include.NON_ABSENT) Optional<VmView.DefinitionView> definition,

            @JsonInclude(JsonInclude.Include.NON_EMPTY) List<DrilledVm> vms) {}

    /** A VM of the group that is drilled. */
    public record DrilledVm(
            String vm, int startOrder, int startDelaySeconds, List<DiskUri> disks, VmView.DefinitionView definition) {

        private static DrilledVm of(Drill.DrillVm drilled, Reach reach) {
            Vm vm = drilled.point().point().vm();
            Membership group = vm.group().orElseThrow();
            return new DrilledVm(
                    vm.name().text(),
                    group.startOrder(),
                    group.startDelaySeconds(),
                    DiskUri.of(drilled.disks(), reach),
                    VmView.DefinitionView.of(vm.definition()));
        }
    }

    /** Where a disk of the drill is found. */
    public record DiskUri(String name, long sizeBytes, String uri) {

        private static List<DiskUri> of(List<Drill.DrillDisk> disks, Reach reach) {
            return disks.stream()
                    .map(disk ->
                            new DiskUri(disk.disk().name().text(), disk.disk().sizeBytes(), reach.uri(disk.export())))
                    .toList();
        }
    }

    private static final String PIN = "pin:";

    private final Appliance appliance;
    private final Reach reach;
    private final OnRecord onRecord;

    public DrillResource(Appliance appliance, Reach reach, OnRecord onRecord) {
        this.appliance = appliance;
        this.reach = reach;
        this.onRecord = onRecord;
    }

    @GET
    @Operation(summary = "The drills there are")
    public List<DrillView> all() {
        return appliance.recovery().drills().stream().map(this::view).toList();
    }

    @GET
    @Path("{drill}")
    @Operation(summary = "One drill")
    public DrillView one(@PathParam("drill") String id) {
        return appliance.recovery().drill(id).map(this::view).orElseThrow(() -> unknown(id));
    }

    @POST
    @RolesAllowed(Allowed.OPERATOR)
    @Operation(
            summary = "Starts a drill",
            description = "The disks can be used when the answer is there. Replication goes on undisturbed.")
    public Response start(@Nullable DrillRequest body) {
        DrillRequest request = Refusal.body(body);
        String point = request.point().orElse("latest");
        String what = subject(request.vm(), request.group());
        onRecord.say("vm", request.vm());
        onRecord.say("group", request.group());
        onRecord.say("peer", request.peer());
        onRecord.say("lineage", request.lineage());
        onRecord.say("point", point);
        return switch (drill(request, point)) {
            case Drills.Outcome.Started started -> {
                onRecord.say("drill", started.drill().id());
                sayWhat(started.drill());
                yield Response.status(Response.Status.CREATED)
                        .entity(view(started.drill()))
                        .build();
            }
            case Drills.Outcome.NoSuchPoint none ->
                throw Refusal.notFound(what + " has no consistent recovery point '" + point + "'");
            case Drills.Outcome.Unreachable unreachable -> throw Refusal.conflict(unreachable.reason());
            case Drills.Outcome.TooMany tooMany ->
                throw Refusal.conflict("there are " + tooMany.drillsMax()
                        + " drills already, which is as many as drills.max allows: delete one");
        };
    }

    private Drills.Outcome drill(DrillRequest request, String point) {
        return request.group().isPresent()
                ? appliance
                        .recovery()
                        .drill(
                                GroupResource.recoverable(
                                        appliance, request.group().get(), request.peer(), request.lineage()),
                                choice(point))
                : appliance
                        .recovery()
                        .drill(
                                VmResource.recoverable(appliance, request.vm().orElseThrow(), request.lineage()),
                                choice(point));
    }

    private void sayWhat(Drill drill) {
        RecoveryPoint point = drill.point().point();
        drill.group()
                .ifPresentOrElse(
                        group -> onRecord.say("group", group.text()),
                        () -> onRecord.say("vm", point.vm().name().text()));
        onRecord.say("record", point.sequence().toString());
    }

    /** What is asked for, for people: one of the two. */
    static String subject(Optional<String> vm, Optional<String> group) {
        if (vm.isPresent() && group.isPresent()) {
            throw Refusal.badField("group", "is asked for beside a VM: one of the two");
        }
        return vm.map(name -> "VM " + name)
                .or(() -> group.map(name -> "group " + name))
                .orElseThrow(() -> Refusal.badField("vm", "is missing, and so is 'group'"));
    }

    @DELETE
    @RolesAllowed(Allowed.OPERATOR)
    @Path("{drill}")
    @Operation(
            summary = "Ends a drill and throws away what it has written",
            description =
                    "'result' says what came of it, 'passed' or 'failed': it is kept with the recovery point, with the note.")
    public void delete(
            @PathParam("drill") String id,
            @QueryParam("result") @DefaultValue("not-told") String result,
            @QueryParam("note") @DefaultValue("") String note) {
        onRecord.say("result", result);
        onRecord.say("note", note);
        appliance.recovery().drill(id).ifPresent(this::sayWhat);
        if (!appliance.recovery().deleteDrill(id, verdict(result, note))) {
            throw unknown(id);
        }
    }

    private DrillView view(Drill drill) {
        RecoveryPoint point = drill.point().point();
        boolean ofGroup = drill.group().isPresent();
        return new DrillView(
                drill.id(),
                ofGroup ? Optional.empty() : Optional.of(point.vm().name().text()),
                drill.group().map(Name::text),
                ofGroup ? PointView.ofAll(point) : PointView.of(point, List.of()),
                drill.started(),
                drill.gone(),
                ofGroup ? List.of() : DiskUri.of(drill.disks(), reach),
                ofGroup
                        ? Optional.empty()
                        : Optional.of(VmView.DefinitionView.of(point.vm().definition())),
                ofGroup
                        ? drill.vms().stream()
                                .map(vm -> DrilledVm.of(vm, reach))
                                .toList()
                        : List.of());
    }

    static PointChoice choice(String point) {
        if (point.equals("latest")) {
            return new PointChoice.Latest();
        }
        if (point.startsWith(PIN)) {
            return new PointChoice.Pinned(VmResource.name("point", point.substring(PIN.length())));
        }
        try {
            return point.matches("[0-9]{1,18}")
                    ? new PointChoice.At(new Sequence(Long.parseLong(point)))
                    : new PointChoice.NotAfter(Instant.parse(point));
        } catch (DateTimeParseException e) {
            throw Refusal.badField(
                    "point",
                    "'" + point
                            + "' is not 'latest', a sequence, a time like 2026-01-31T12:00:00Z, or 'pin:' and a name");
        }
    }

    private static Verdict verdict(String result, String note) {
        Verdict.Result known = Stream.of(Verdict.Result.PASSED, Verdict.Result.FAILED, Verdict.Result.NOT_TOLD)
                .filter(each -> each.label().equals(result))
                .findFirst()
                .orElseThrow(
                        () -> Refusal.badField("result", "'" + result + "' is not 'passed', 'failed' or 'not-told'"));
        try {
            return new Verdict(known, note);
        } catch (IllegalArgumentException e) {
            throw Refusal.badField("note", String.valueOf(e.getMessage()));
        }
    }

    private static Refusal unknown(String id) {
        return Refusal.notFound("there is no drill " + id);
    }
}
