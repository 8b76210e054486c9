package io.tidemark.appliance;

import io.tidemark.appliance.VmWish.DiskWish;
import io.tidemark.failover.Roles;
import io.tidemark.intake.ExportTable;
import io.tidemark.intake.JournalIntake;
import io.tidemark.intake.Registration;
import io.tidemark.intake.VmStatus;
import io.tidemark.journal.StreamId;
import io.tidemark.journal.VmId;
import io.tidemark.vm.Clients;
import io.tidemark.vm.Definition;
import io.tidemark.vm.Disk;
import io.tidemark.vm.Membership;
import io.tidemark.vm.Name;
import io.tidemark.vm.Priority;
import io.tidemark.vm.Vm;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.UUID;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;
import java.util.function.BiFunction;
import java.util.random.RandomGenerator;

/**
 * The VMs that are protected here, by name or id, whatever journal they are in. Changes are made one at a time; all calls
 * block, so none comes from an event loop.
 */
public final class Protection {

    /** How long an operator waits for a journal that has no room at the moment. */
    static final Duration PATIENCE = Duration.ofSeconds(30);

    /** A protected VM and where its writes go. */
    public record Protected(Source source, VmStatus status) {}

    private final Sources sources;
    private final ExportTable exports;
    private final Roles roles;
    private final RandomGenerator random;

    Protection(Sources sources, ExportTable exports, Roles roles, RandomGenerator random) {
        this.sources = sources;
        this.exports = exports;
        this.roles = roles;
        this.random = random;
    }

    public List<Protected> all() {
        List<Protected> all = new ArrayList<>();
        for (Source source : sources.all()) {
            await(source.intake().status()).forEach(status -> all.add(new Protected(source, status)));
        }
        return all;
    }

    /** Finds a VM by its name or its id. */
    public Optional<Protected> find(String nameOrId) {
        return all().stream()
                .filter(each -> each.status().vm().name().text().equals(nameOrId)
                        || each.status().vm().id().toString().equals(nameOrId))
                .findFirst();
    }

    /** Protects a VM under a name, or changes what is known of it, but takes no disk out of it. Doing it again changes nothing. */
    public Registration put(Name name, VmWish wish) {
        return put(name, wish, Set.of());
    }

    /** The disks of a VM that a wish takes out of it. */
    public static List<Disk> takenOut(Vm known, VmWish wish) {
        return known.disks().stream()
                .filter(disk ->
                        wish.disks().stream().noneMatch(wanted -> wanted.name().equals(disk.name())))
                .toList();
    }

    /**
     * Protects a VM under a name, or changes what is known of it. Doing it again changes nothing.
     *
     * @param mayGo disks that may be taken out of it
     */
    public synchronized Registration put(Name name, VmWish wish, Set<StreamId> mayGo) {
        Optional<Source> source = sources.to(wish.peer());
        if (source.isEmpty()) {
            return new Registration.Refused("no peer " + wish.peer() + " that takes VMs is registered");
        }
        Optional<Protected> known = find(name.text());
        if (known.filter(vm -> !vm.source().peer().name().equals(wish.peer())).isPresent()) {
            return new Registration.Refused("VM " + name + " is shipped to "
                    + known.get().source().peer().name() + "; to move it, end its protection first");
        }
        Optional<Disk> kept = known.stream()
                .flatMap(vm -> takenOut(vm.status().vm(), wish).stream())
                .filter(disk -> !mayGo.contains(disk.id()))
                .findFirst();
        if (kept.isPresent()) {
            return new Registration.Refused("the VM has a disk " + kept.get().name() + " by now: look at it again");
        }
        Optional<String> another = anotherIdentity(known, name, wish);
        if (another.isPresent()) {
            return new Registration.Refused(another.get());
        }
        Vm vm = known.map(each -> changed(each.status().vm(), wish)).orElseGet(() -> created(name, wish));
        Registration outcome = objection(source.get(), vm)
                .or(() -> objection(vm.clients()))
                .or(() -> await(source.get().objection(vm)))
                .<Registration>map(Registration.Refused::new)
                .orElseGet(() -> await(source.get().intake().define(vm)));
        roles.met(wish.peer(), vm.id()); // what the peer says of it while it is registered counts, too
        return outcome;
    }

    /** Why the VM cannot be the one that it is said to be. */
    private Optional<String> anotherIdentity(Optional<Protected> known, Name name, VmWish wish) {
        if (wish.id().isEmpty()) {
            return Optional.empty();
        }
        VmId id = wish.id().get();
        if (known.isPresent()) {
            VmId here = known.get().status().vm().id();
            return here.equals(id)
                    ? Optional.empty()
                    : Optional.of("VM " + name + " is known here by the id " + here + ", and keeps that");
        }
        return find(id.toString())
                .map(other -> "VM " + other.status().vm().name() + " is known here by the id " + id)
                .or(() -> roles.heldByPeer(wish.peer(), id).map(why -> why + "; it is not to be protected here"));
    }

    /** Ends the protection of a VM. What the replica has of it stays until it leaves the recovery window. */
    public synchronized Registration remove(Protected vm) {
        return await(vm.source().intake().remove(vm.status().vm().id()));
    }

    /** The guest was restarted after an unclean stop of this machine. */
    public Registration guestRestarted(Protected vm) {
        return await(vm.source().intake().guestRestarted(vm.status().vm().id()));
    }

    /** Somebody starts a new copy of a disk by its source. */
    public Registration beginCopy(Protected vm, Name disk) {
        return ofDisk(vm, disk, JournalIntake::beginCopy);
    }

    /** The source's copy of a disk is complete, as of when it had this many gaps. */
    public Registration endCopy(Protected vm, Name disk, int observedGaps) {
        return ofDisk(vm, disk, (intake, stream) -> intake.endCopy(stream, observedGaps));
    }

    /** Somebody says, of a disk that had this many gaps, that nothing is missing. */
    public Registration acceptContinuity(Protected vm, Name disk, int observedGaps, String word) {
        return ofDisk(vm, disk, (intake, stream) -> intake.acceptContinuity(stream, observedGaps, word));
    }

    /** Copies a disk to the replica once more, since what it has there is in doubt. */
    public Registration copyToReplica(Protected vm, Name disk) {
        return ofDisk(vm, disk, JournalIntake::copyToReplica);
    }

    private Registration ofDisk(
            Protected vm, Name disk, BiFunction<JournalIntake, StreamId, CompletableFuture<Registration>> ask) {
        return vm.status()
                .vm()
                .disk(disk)
                .map(found -> await(ask.apply(vm.source().intake(), found.id())))
                .orElseGet(Registration.Unknown::new);
    }

    /** Why the VM cannot belong to its group: only one journal has one sequence. */
    private Optional<String> objection(Source source, Vm vm) {
        if (vm.group().isEmpty()) {
            return Optional.empty();
        }
        Name group = vm.group().get().name();
        List<Protected> others = all().stream()
                .filter(each -> each.status().vm().isIn(group)
                        && !each.status().vm().id().equals(vm.id()))
                .toList();
        if (others.size() >= Membership.VMS_MAX) {
            return Optional.of(
                    "group " + group + " has " + Membership.VMS_MAX + " VMs, which is as many as there may be");
        }
        return others.stream()
                .filter(other -> other.source() != source)
                .findFirst()
                .map(other ->
                        "group " + group + " has VM " + other.status().vm().name() + ", which is shipped to "
                                + other.source().peer().name() + ", and VM " + vm.name() + " to "
                                + source.peer().name() + ": a group has points only if all its VMs go to one peer");
    }

    private Optional<String> objection(Clients clients) {
        return exports.objection(clients.disks())
                .or(() -> exports.objection(clients.drills()))
                .map(why -> "the VM is for clients by their names, and here " + why);
    }

    private Vm created(Name name, VmWish wish) {
        List<Disk> disks =
                wish.disks().stream().map(disk -> disk(newDisk(), disk, false)).toList();
        return new Vm(
                wish.id().orElseGet(() -> new VmId(randomId())),
                name,
                disks,
                definition(Definition.NONE, wish),
                wish.group(),
                wish.priority().orElse(Priority.NORMAL),
                wish.clients().orElse(Clients.ANYONE));
    }

    private Vm changed(Vm known, VmWish wish) {
        List<Disk> disks = wish.disks().stream()
                .map(disk -> known.disk(disk.name())
                        .map(before -> disk(before.id(), disk, before.seeded()))
                        .orElseGet(() -> disk(newDisk(), disk, false)))
                .toList();
        return new Vm(
                known.id(),
                known.name(),
                disks,
                definition(known.definition(), wish),
                wish.group(),
                wish.priority().orElse(known.priority()),
                wish.clients().orElse(known.clients()));
    }

    private static Disk disk(StreamId id, DiskWish wish, boolean seededBefore) {
        return new Disk(
                id,
                wish.name(),
                wish.sizeBytes(),
                wish.attachMode(),
                wish.policy(),
                wish.seeded().orElse(seededBefore));
    }

    private static Definition definition(Definition known, VmWish wish) {
        return known.changedTo(
                wish.definition().orElse(known.text()), wish.firmware().orElse(known.firmware()));
    }

    /** The identity of a disk that never was. */
    StreamId newDisk() {
        return new StreamId(randomId());
    }

    private UUID randomId() {
        long version = 0x4000L; // RFC 9562, section 5.4
        long variant = 0x8000_0000_0000_0000L;
        return new UUID((random.nextLong() & ~0xF000L) | version, (random.nextLong() >>> 2) | variant);
    }

    private static <T> T await(CompletableFuture<T> answer) {
        return answer.orTimeout(PATIENCE.toMillis(), TimeUnit.MILLISECONDS).join();
    }
}
