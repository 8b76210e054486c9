package io.tidemark.api;

import io.tidemark.appliance.Addresses;
import io.tidemark.appliance.Appliance;
import io.tidemark.appliance.Appliance.PeerOutcome;
import io.tidemark.appliance.Peer;
import io.tidemark.appliance.Peer.Kind;
import io.tidemark.journal.JournalId;
import io.tidemark.link.Destination;
import io.tidemark.metrics.Forecasts;
import io.tidemark.target.TargetSettings;
import io.tidemark.target.TargetUri;
import io.tidemark.vm.Name;
import jakarta.annotation.security.RolesAllowed;
import jakarta.ws.rs.DELETE;
import jakarta.ws.rs.GET;
import jakarta.ws.rs.POST;
import jakarta.ws.rs.PUT;
import jakarta.ws.rs.Path;
import jakarta.ws.rs.PathParam;
import jakarta.ws.rs.Produces;
import jakarta.ws.rs.core.MediaType;
import java.io.IOException;
import java.util.Arrays;
import java.util.List;
import java.util.Optional;
import java.util.UUID;
import org.eclipse.microprofile.openapi.annotations.Operation;
import org.eclipse.microprofile.openapi.annotations.media.Schema;
import org.eclipse.microprofile.openapi.annotations.tags.Tag;
import org.jspecify.annotations.Nullable;

/** The other sites, and the NBD servers that VMs are shipped to, that are registered here. */
@Path("/api/v1/peers")
@Produces(MediaType.APPLICATION_JSON)
@Tag(name = "peers")
@RolesAllowed(Allowed.VIEWER)
public final class PeerResource {

    /** What an operator says of a peer. All but the addresses may be left out. */
    public record PeerRequest(
            @Schema(
                    enumeration = {"site", "nbd"},
                    description = "a site of Tidemark, or a plain NBD server; a site where it is left out")
            Optional<String> kind,

            @Schema(
                    description =
                            "host:port of a site, as many as it has; of an NBD server one"
                                    + " nbd://host:port/export or nbds://host:port/export, where {vm} and {disk} stand for the names of each disk")
            Optional<List<String>> addresses,

            Optional<Integer> connections,
            Optional<Boolean> compress,
            Optional<Long> rateBytesPerSecond) {}

    private static final int ADDRESSES_MAX = 16;

    private final Appliance appliance;
    private final Forecasts forecasts;
    private final OnRecord onRecord;

    public PeerResource(Appliance appliance, Forecasts forecasts, OnRecord onRecord) {
        this.onRecord = onRecord;
        this.appliance = appliance;
        this.forecasts = forecasts;
    }

    @GET
    @Operation(summary = "All peers and how shipping to them stands")
    public List<PeerView> all() {
        return appliance.peers().stream().map(this::view).toList();
    }

    @GET
    @Path("{peer}")
    @Operation(summary = "One peer")
    public PeerView one(@PathParam("peer") String name) {
        return view(find(name));
    }

    @PUT
    @RolesAllowed(Allowed.ADMIN)
    @Path("{peer}")
    @Operation(
            summary = "Registers a peer, or changes it",
            description =
                    "With addresses, VMs can be shipped to it; without, it may ship to this site. What kind it is stays.")
    public PeerView put(@PathParam("peer") String name, @Nullable PeerRequest body) throws IOException {
        PeerRequest request = Refusal.body(body);
        UUID journal = appliance.peer(name).map(Peer::journal).orElseGet(UUID::randomUUID);
        Kind kind = kind(request.kind());
        Peer peer = new Peer(
                name(name),
                addresses(kind, request.addresses().orElse(List.of())),
                connections(kind, request.connections()),
                compress(kind, request.compress()),
                rate(request.rateBytesPerSecond()),
                journal);
        onRecord.say("kind", kind.label());
        onRecord.say("addresses", String.join(",", peer.addresses()));
        return switch (appliance.putPeer(peer)) {
            case PeerOutcome.Done done -> view(done.peer());
            case PeerOutcome.Refused refused -> throw Refusal.conflict(refused.reason());
        };
    }

    @DELETE
    @RolesAllowed(Allowed.ADMIN)
    @Path("{peer}")
    @Operation(summary = "Forgets a peer; what was received from it stays")
    public void delete(@PathParam("peer") String name) throws IOException {
        switch (appliance.removePeer(find(name))) {
            case PeerOutcome.Done done -> {}
            case PeerOutcome.Refused refused -> throw Refusal.conflict(refused.reason());
        }
    }

    @POST
    @RolesAllowed(Allowed.ADMIN)
    @Path("{peer}/new-lineage")
    @Operation(
            summary = "Gives a peer that cannot go on with what it has a copy of everything",
            description =
                    "After 'diverged' (one of the two sites was rolled back) and 'trimmed' (the peer has lost its disk). What the peer"
                            + " has stays there, with its points. Disks whose source may have gone on without a site that was rolled back become"
                            + " suspect.")
    public PeerView newLineage(@PathParam("peer") String name) throws IOException {
        return switch (appliance.beginLineage(find(name), new JournalId(UUID.randomUUID()))) {
            case PeerOutcome.Done done -> view(done.peer());
            case PeerOutcome.Refused refused -> throw Refusal.conflict(refused.reason());
        };
    }

    private Peer find(String name) {
        return appliance.peer(name).orElseThrow(() -> Refusal.notFound("no peer is called " + name));
    }

    private PeerView view(Peer peer) {
        return PeerView.of(peer, appliance.sources().to(peer.name()), forecasts);
    }

    private static String name(String name) {
        try {
            return new Name(name).text();
        } catch (IllegalArgumentException e) {
            throw Refusal.badField("name", String.valueOf(e.getMessage()));
        }
    }

    private static Kind kind(Optional<String> kind) {
        String text = kind.orElse(Kind.SITE.label());
        return Arrays.stream(Kind.values())
                .filter(each -> each.label().equals(text))
                .findFirst()
                .orElseThrow(() -> Refusal.badField("kind", "'" + text + "' is neither 'site' nor 'nbd'"));
    }

    private static boolean compress(Kind kind, Optional<Boolean> compress) {
        if (kind == Kind.NBD && compress.orElse(false)) {
            throw Refusal.badField("compress", "is not for an NBD server, which would not understand it");
        }
        return compress.orElse(kind == Kind.SITE);
    }

    private static int connections(Kind kind, Optional<Integer> connections) {
        int count = connections.orElse(
                kind == Kind.NBD ? TargetSettings.CONNECTIONS_DEFAULT : Destination.CONNECTIONS_DEFAULT);
        if (count < 1 || count > Destination.CONNECTIONS_MAX) {
            throw Refusal.badField("connections", "is not between 1 and " + Destination.CONNECTIONS_MAX);
        }
        return count;
    }

    private static long rate(Optional<Long> rate) {
        if (rate.filter(each -> each < 0).isPresent()) {
            throw Refusal.badField("rateBytesPerSecond", "is negative");
        }
        return rate.orElse(0L);
    }

    private static List<String> addresses(Kind kind, List<String> addresses) {
        if (kind == Kind.NBD && addresses.size() != 1) {
            throw Refusal.badField("addresses", "are not one, as an NBD server has it, but " + addresses.size());
        }
        if (addresses.size() > ADDRESSES_MAX) {
            throw Refusal.badField("addresses", "are more than " + ADDRESSES_MAX);
        }
        for (int i = 0; i < addresses.size(); i++) {
            checkAddress(kind, "addresses[" + i + "]", addresses.get(i));
        }
        return addresses;
    }

    private static void checkAddress(Kind kind, String field, @Nullable String address) {
        if (address == null) {
            throw Refusal.badField(field, "is missing");
        }
        try {
            switch (kind) {
                case SITE -> Addresses.parse(address);
                case NBD -> TargetUri.parse(address);
            }
        } catch (IllegalArgumentException e) {
            throw Refusal.badField(field, String.valueOf(e.getMessage()));
        }
    }
}
