package io.tidemark.api;

import io.quarkus.security.ForbiddenException;
import io.quarkus.security.identity.SecurityIdentity;
import io.tidemark.appliance.Appliance;
import io.tidemark.appliance.Protection;
import io.tidemark.appliance.Protection.Protected;
import io.tidemark.appliance.Reach;
import io.tidemark.appliance.Recovery.Recoverable;
import io.tidemark.appliance.VmWish;
import io.tidemark.events.EventLog;
import io.tidemark.intake.Registration;
import io.tidemark.intake.VmStatus.DiskStatus;
import io.tidemark.journal.JournalId;
import io.tidemark.journal.StreamId;
import io.tidemark.journal.VmId;
import io.tidemark.metrics.Forecasts;
import io.tidemark.term.Tenure;
import io.tidemark.vm.Clients;
import io.tidemark.vm.Disk;
import io.tidemark.vm.Name;
import jakarta.annotation.security.RolesAllowed;
import jakarta.ws.rs.DELETE;
import jakarta.ws.rs.DefaultValue;
import jakarta.ws.rs.GET;
import jakarta.ws.rs.POST;
import jakarta.ws.rs.PUT;
import jakarta.ws.rs.Path;
import jakarta.ws.rs.PathParam;
import jakarta.ws.rs.Produces;
import jakarta.ws.rs.QueryParam;
import jakarta.ws.rs.core.MediaType;
import jakarta.ws.rs.core.Response;
import java.io.IOException;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.UUID;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import org.eclipse.microprofile.openapi.annotations.Operation;
import org.eclipse.microprofile.openapi.annotations.tags.Tag;
import org.jspecify.annotations.Nullable;

/** The VMs that are protected here, and those of other sites that can be brought back here. */
@Path("/api/v1/vms")
@Produces(MediaType.APPLICATION_JSON)
@Tag(name = "vms")
@RolesAllowed(Allowed.VIEWER)
public final class VmResource {

    static final int POINTS_DEFAULT = 1000;

    private static final int BY_CHARS_MAX = 100;
    private static final int REASON_CHARS_MAX = 500;

    /** Who says that nothing is missing, why, and of how many gaps. */
    public record Continuity(Optional<Integer> observedGaps, Optional<String> by, Optional<String> reason) {}

    /** Says when a copy was seen to be complete. */
    public record CopyEnd(Optional<Integer> observedGaps) {}

    private final Appliance appliance;
    private final Reach reach;
    private final Forecasts forecasts;
    private final EventLog events;
    private final SecurityIdentity identity;
    private final OnRecord onRecord;

    public VmResource(
            Appliance appliance,
            Reach reach,
            Forecasts forecasts,
            EventLog events,
            SecurityIdentity identity,
            OnRecord onRecord) {
        this.appliance = appliance;
        this.forecasts = forecasts;
        this.reach = reach;
        this.events = events;
        this.identity = identity;
        this.onRecord = onRecord;
    }

    @GET
    @Operation(summary = "All VMs, those protected here first")
    public List<VmView> all() {
        return Stream.concat(
                        appliance.protection().all().stream().map(vm -> VmView.of(vm, reach, forecasts)),
                        appliance.recovery().all().stream().map(this::replicaView))
                .toList();
    }

    @GET
    @Path("{vm}")
    @Operation(summary = "One VM, by name or id")
    public VmView one(@PathParam("vm") String vm) {
        return appliance
                .protection()
                .find(vm)
                .map(found -> VmView.of(found, reach, forecasts))
                .orElseGet(() -> replicaView(recoverable(vm)));
    }

    @PUT
    @RolesAllowed(Allowed.OPERATOR)
    @Path("{vm}")
    @Operation(
            summary = "Protects a VM under a name, or changes what is known of it",
            description =
                    "Doing it again changes nothing. The answer has the NBD URI of each disk. A disk that was not there is added, one whose size is"
                            + " larger grows; clients see that when they connect anew. One that is not named any more is taken out, and its"
                            + " volume here destroyed: that wants the names of those disks in 'confirm', with commas between them. Points at"
                            + " the replica have the disks and sizes of their time. To change the 'clients' of a VM that names some wants an admin."
                            + " So does 'id', by which a VM of a site that was lost is registered anew: it is refused if the peer is its source by now.")
    public Response put(
            @PathParam("vm") String vm,
            @QueryParam("confirm") @DefaultValue("") String confirm,
            @Nullable VmRequest body) {
        VmRequest request = Refusal.body(body);
        Name name = name("vm", vm);
        VmWish wish = request.wish();
        sayWhat(wish);
        if (appliance.sources().to(wish.peer()).isEmpty()) {
            throw Refusal.conflict("peer", "no peer " + wish.peer() + " that takes VMs is registered");
        }
        Optional<Protected> before = appliance.protection().find(name.text());
        boolean known = before.isPresent();
        Set<StreamId> mayGo =
                before.map(found -> confirmed(found, wish, confirm)).orElse(Set.of());
        boolean isOne = wish.id().isPresent();
        if ((!mayGo.isEmpty() || letsOthersIn(before, wish) || isOne) && !identity.hasRole(Allowed.ADMIN)) {
            throw new ForbiddenException();
        }
        Registration outcome = appliance.protection().put(name, wish, mayGo);
        switch (outcome) {
            case Registration.Done done ->
                events.info(
                        known ? "vm-changed" : "vm-registered", vm, "to " + wish.peer() + " at record " + done.at());
            case Registration.Unchanged unchanged -> {}
            case Registration.Refused refused -> throw Refusal.conflict(refused.reason());
            case Registration.Unknown unknown -> throw Refusal.notFound("no VM is called " + vm);
        }
        return Response.status(known ? Response.Status.OK : Response.Status.CREATED)
                .entity(VmView.of(source(vm), reach, forecasts))
                .build();
    }

    private void sayWhat(VmWish wish) {
        onRecord.say("peer", wish.peer());
        onRecord.say("group", wish.group().map(group -> group.name().text()));
        onRecord.say("id", wish.id().map(VmId::toString));
        onRecord.say(
                "disks",
                wish.disks().stream()
                        .map(disk -> disk.name() + ":" + disk.sizeBytes() + ":"
                                + disk.attachMode().label())
                        .collect(Collectors.joining(",")));
        onRecord.say(
                "clients",
                wish.clients().map(clients -> String.join(",", clients.disks().texts())));
        onRecord.say(
                "drillClients",
                wish.clients().map(clients -> String.join(",", clients.drills().texts())));
    }

    /** Whether a VM that is not for anyone would be for others than before: who may do that may read it. */
    private static boolean letsOthersIn(Optional<Protected> before, VmWish wish) {
        return before.map(found -> found.status().vm().clients())
                .filter(Clients::areNamed)
                .flatMap(known -> wish.clients().filter(wanted -> !wanted.equals(known)))
                .isPresent();
    }

    /** The disks that are taken out, if it is said that they may be. */
    private static Set<StreamId> confirmed(Protected found, VmWish wish, String confirm) {
        List<Disk> gone = Protection.takenOut(found.status().vm(), wish);
        String names = gone.stream().map(disk -> disk.name().text()).collect(Collectors.joining(","));
        if (!confirm.equals(names) && !gone.isEmpty()) {
            int connections = found.status().disks().stream()
                    .filter(disk -> gone.contains(disk.disk()))
                    .mapToInt(DiskStatus::connections)
                    .sum();
            throw Refusal.unconfirmed(
                    "confirm",
                    "this takes " + names + " out of VM " + found.status().vm().name()
                            + " and destroys what this site has of it, with " + connections
                            + " clients connected; what "
                            + found.source().peer().name()
                            + " has of it goes with its recovery window; repeat with ?confirm=" + names);
        }
        return gone.stream().map(Disk::id).collect(Collectors.toSet());
    }

    @DELETE
    @RolesAllowed(Allowed.ADMIN)
    @Path("{vm}")
    @Operation(
            summary = "Ends the protection of a VM",
            description =
                    "Destroys its volumes here; its points at the replica stay until they leave the recovery window."
                            + " Wants the VM's name in 'confirm'.")
    public void delete(@PathParam("vm") String vm, @QueryParam("confirm") @DefaultValue("") String confirm) {
        Protected found = source(vm);
        String name = found.status().vm().name().text();
        if (!confirm.equals(name)) {
            throw Refusal.unconfirmed(
                    "confirm",
                    "this ends the protection of VM " + name + " and destroys the volumes of its "
                            + found.status().vm().disks().size() + " disks at this site; repeat with ?confirm=" + name);
        }
        done(appliance.protection().remove(found));
        events.info("vm-removed", name, "its protection has ended");
    }

    @POST
    @RolesAllowed(Allowed.OPERATOR)
    @Path("{vm}/guest-restarted")
    @Operation(
            summary = "Says that the guest was restarted after an unclean stop of this machine",
            description = "Until then its disks with acknowledgements 'journaled' take no clients:"
                    + " a guest that lived on would not know that acknowledged writes are gone.")
    public VmView guestRestarted(@PathParam("vm") String vm) {
        done(appliance.protection().guestRestarted(source(vm)));
        return VmView.of(source(vm), reach, forecasts);
    }

    @POST
    @RolesAllowed(Allowed.ADMIN)
    @Path("{vm}/claim")
    @Operation(
            summary = "Makes this site the source of a VM, in a term above all that it knows",
            description =
                    "For a VM that is fenced here, when its history here is the one to go on with: the other site is fenced as soon as it hears"
                            + " of it. Stop its guest there first. Wants the VM's name in 'confirm'.")
    public VmView claim(@PathParam("vm") String vm, @QueryParam("confirm") @DefaultValue("") String confirm)
            throws IOException {
        Protected found = source(vm);
        String name = found.status().vm().name().text();
        if (!confirm.equals(name)) {
            throw Refusal.unconfirmed(
                    "confirm",
                    "this makes the history of VM " + name + " here the one to go on with, and fences it at "
                            + found.source().peer().name() + "; repeat with ?confirm=" + name);
        }
        Tenure tenure = appliance.claim(found);
        events.warn("vm-claimed", name, "this site is its source in term " + tenure.number());
        return VmView.of(source(vm), reach, forecasts);
    }

    @POST
    @RolesAllowed(Allowed.OPERATOR)
    @Path("{vm}/disks/{disk}/copy-begin")
    @Operation(summary = "Says that the source begins a new copy of its disk")
    public VmView copyBegin(@PathParam("vm") String vm, @PathParam("disk") String disk) {
        done(appliance.protection().beginCopy(source(vm), name("disk", disk)));
        return VmView.of(source(vm), reach, forecasts);
    }

    @POST
    @RolesAllowed(Allowed.OPERATOR)
    @Path("{vm}/disks/{disk}/copy-end")
    @Operation(
            summary = "Says that the source's copy of its disk is complete",
            description =
                    "For mirror-active when the job is actively synced, for mirror-background when it has completed."
                            + " 'observedGaps' is the number of gaps the disk had when that was seen; if more came since, the"
                            + " call is refused.")
    public VmView copyEnd(@PathParam("vm") String vm, @PathParam("disk") String disk, @Nullable CopyEnd end) {
        int gaps = Refusal.body(end)
                .observedGaps()
                .orElseThrow(() -> Refusal.badField(
                        "observedGaps", "is missing: read the disk's intake.gaps before looking at the source"));
        onRecord.say("observedGaps", Integer.toString(gaps));
        done(appliance.protection().endCopy(source(vm), name("disk", disk), gaps));
        return VmView.of(source(vm), reach, forecasts);
    }

    @POST
    @RolesAllowed(Allowed.ADMIN)
    @Path("{vm}/disks/{disk}/accept-continuity")
    @Operation(
            summary = "Says that nothing is missing of a suspect disk, though nobody has seen it",
            description =
                    "When it is known that the source wrote nothing without us. Who says so and why is recorded, and shown with each point that rests"
                            + " on it. 'observedGaps' is as in copy-end.")
    public VmView acceptContinuity(
            @PathParam("vm") String vm, @PathParam("disk") String disk, @Nullable Continuity body) {
        Continuity said = Refusal.body(body);
        int gaps = said.observedGaps()
                .orElseThrow(() -> Refusal.badField("observedGaps", "is missing: read the disk's intake.gaps"));
        String word = text("by", said.by(), BY_CHARS_MAX) + ": " + text("reason", said.reason(), REASON_CHARS_MAX);
        onRecord.say("observedGaps", Integer.toString(gaps));
        onRecord.say("by", said.by());
        onRecord.say("reason", said.reason());
        done(appliance.protection().acceptContinuity(source(vm), name("disk", disk), gaps, word));
        return VmView.of(source(vm), reach, forecasts);
    }

    @POST
    @RolesAllowed(Allowed.OPERATOR)
    @Path("{vm}/disks/{disk}/copy-to-replica")
    @Operation(
            summary = "Copies a disk to the replica once more",
            description =
                    "When what the replica has of it is in doubt. The disk is in use meanwhile, and in no new point until the copy is"
                            + " complete; the points that there are stay.")
    public VmView copyToReplica(@PathParam("vm") String vm, @PathParam("disk") String disk) {
        done(appliance.protection().copyToReplica(source(vm), name("disk", disk)));
        return VmView.of(source(vm), reach, forecasts);
    }

    @GET
    @Path("{vm}/recovery-points")
    @Operation(
            summary = "The recovery points of a VM, the newest first",
            description =
                    "At the site that keeps the replica. All of the last minutes, thinned by age beyond. When a new lineage was begun,"
                            + " 'lineage' chooses another than the newest that has a consistent point.")
    public List<PointView> points(
            @PathParam("vm") String vm,
            @QueryParam("consistent") @DefaultValue("false") boolean consistentOnly,
            @QueryParam("lineage") Optional<UUID> lineage,
            @QueryParam("limit") @DefaultValue("" + POINTS_DEFAULT) String limit) {
        long most = Refusal.count("limit", limit);
        Recoverable found = recoverable(appliance, vm, lineage);
        return appliance.recovery().points(found).reversed().stream()
                .filter(point -> !consistentOnly || point.consistent())
                .limit(most)
                .map(point -> PointView.of(point, appliance.recovery().drillsAt(found, point.sequence())))
                .toList();
    }

    @GET
    @Path("{vm}/recovery-points/{sequence}")
    @Operation(summary = "One recovery point, with the VM's definition as it was then")
    public PointView.Full point(@PathParam("vm") String vm, @PathParam("sequence") long sequence) {
        Recoverable found = recoverable(vm);
        return appliance.recovery().points(found).stream()
                .filter(point -> point.sequence().number() == sequence)
                .findFirst()
                .map(point -> PointView.Full.of(point, appliance.recovery().drillsAt(found, point.sequence())))
                .orElseThrow(() -> Refusal.notFound("VM " + vm + " has no listed recovery point " + sequence));
    }

    private Protected source(String vm) {
        return appliance
                .protection()
                .find(vm)
                .orElseThrow(() -> Refusal.notFound("no VM " + vm + " is protected here"));
    }

    private VmView replicaView(Recoverable vm) {
        return VmView.of(vm, appliance.recovery().lastPassedDrill(vm.vm().id()));
    }

    private Recoverable recoverable(String vm) {
        return recoverable(appliance, vm, Optional.empty());
    }

    /** The one VM of that name or id that can be brought back here. */
    static Recoverable recoverable(Appliance appliance, String vm, Optional<UUID> lineage) {
        List<Recoverable> found = lineage.map(id -> appliance.recovery().find(vm, new JournalId(id)))
                .orElseGet(() -> appliance.recovery().find(vm));
        if (found.isEmpty()) {
            throw Refusal.notFound(
                    appliance.protection().find(vm).isPresent()
                            ? "VM " + vm + " is protected here: its recovery points are at the site it is shipped to"
                            : "no VM " + vm + " is known here");
        }
        if (found.size() > 1) {
            throw Refusal.conflict("more than one site has a VM " + vm + "; ask by id: "
                    + found.stream().map(each -> each.vm().id()).toList());
        }
        return found.getFirst();
    }

    private static void done(Registration outcome) {
        switch (outcome) {
            case Registration.Done done -> {}
            case Registration.Unchanged unchanged -> {}
            case Registration.Refused refused -> throw Refusal.conflict(refused.reason());
            case Registration.Unknown unknown -> throw Refusal.notFound("no such VM or disk");
        }
    }

    private static String text(String field, Optional<String> text, int charsMax) {
        String said = text.map(String::strip).orElse("");
        if (said.isEmpty()) {
            throw Refusal.badField(field, "is missing");
        }
        if (said.length() > charsMax) {
            throw Refusal.badField(field, "has more than " + charsMax + " characters");
        }
        if (said.codePoints().anyMatch(Character::isISOControl)) {
            throw Refusal.badField(field, "has control characters");
        }
        return said;
    }

    static Name name(String field, String text) {
        try {
            return new Name(text);
        } catch (IllegalArgumentException e) {
            throw Refusal.badField(field, String.valueOf(e.getMessage()));
        }
    }
}
