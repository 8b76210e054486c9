package io.tidemark.failover;

import io.tidemark.events.EventLog;
import io.tidemark.failover.Footing.Stage;
import io.tidemark.journal.JournalId;
import io.tidemark.journal.Sequence;
import io.tidemark.journal.VmId;
import io.tidemark.replica.Beginnings;
import io.tidemark.state.SmallFiles;
import io.tidemark.term.Claim;
import io.tidemark.term.Common;
import io.tidemark.term.Tenure;
import io.tidemark.term.TermBook;
import io.tidemark.vm.Disk;
import io.tidemark.vm.RecoveryPoint;
import io.tidemark.vm.Vm;
import io.tidemark.volume.VolumeDrafts;
import io.tidemark.volume.VolumeStore;
import java.io.IOException;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.Executor;
import java.util.concurrent.RejectedExecutionException;
import java.util.function.Function;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Lets the replica of a VM that this site was the source of begin with the disks that are here, fenced. At the old source; the other end is {@link
 * Failback}.
 *
 * <p>The disks are copied while they may still be written to: a block that changes meanwhile is changed by a record that is not after the end, {@link
 * Stage#BASED}, and so is copied by the new source. Any thread.
 */
public final class Footings {

    private static final Logger LOG = LoggerFactory.getLogger(Footings.class);

    private final FootingFiles files;
    private final Roles roles;
    private final Home home;
    private final Function<JournalId, VolumeDrafts> folders;
    private final Executor copying;
    private final EventLog events;
    private volatile boolean closed;

    /**
     * Reads what earlier lives have left.
     *
     * @param folder where all failovers are kept
     * @param folders where the volumes of a replica are
     * @param copying a thread that may wait for the disk
     */
    Footings(
            SmallFiles folder,
            Roles roles,
            Home home,
            Function<JournalId, VolumeDrafts> folders,
            Executor copying,
            EventLog events)
            throws IOException {
        this.files = new FootingFiles(folder);
        this.roles = roles;
        this.home = home;
        this.folders = folders;
        this.copying = copying;
        this.events = events;
        roles.alsoTell(this::claims);
        roles.onLoss(entry -> {
            files.find(entry.vm()).ifPresent(this::goOn);
            roles.tellAlso(entry.peer());
        });
        roles.onClaim(this::hear);
    }

    /** The journals are there: goes on with what the lives before have begun. */
    void begin() {
        files.all().forEach(this::goOn);
    }

    /** What the VMs of a replica begin with. */
    public Beginnings beginnings(JournalId replica, String site) {
        return new Beginnings() {
            @Override
            public void defined(Vm vm) {
                meet(vm, replica, site);
                roles.met(site, vm.id());
            }

            @Override
            public Optional<String> doubt(RecoveryPoint point) {
                return Footings.this.doubt(point, replica);
            }
        };
    }

    /** The volumes of a replica. */
    public VolumeStore volumes(JournalId replica, VolumeStore store) {
        return new FootingVolumes(store, disk -> files.of(disk)
                .filter(base -> base.isOf(replica) && base.stage() == Stage.MAKING)
                .isPresent());
    }

    /** Whether the VM that is received may take the place of the fenced one that is here: all that this one has is at the other site. */
    boolean mayComeBack(Vm received) {
        return files.find(received.id())
                        .filter(base ->
                                base.stage() == Stage.AGREED && base.vm().sharesDisksWith(received))
                        .isPresent()
                && roles.tenure(received.id()) instanceof Tenure.Lost;
    }

    /** Stops copying; the next life begins again. */
    void close() {
        closed = true;
    }

    private void meet(Vm vm, JournalId replica, String site) {
        Optional<Footing> before = files.find(vm.id());
        if (before.filter(base -> base.isOf(replica) && base.vm().sharesDisksWith(vm))
                .isPresent()) {
            return; // decided
        }
        VolumeDrafts volumes = folders.apply(replica);
        if (vm.disks().stream().anyMatch(disk -> volumes.has(disk.id()))) {
            return; // decided by a life before, or a definition of an earlier time that is read again
        }
        try {
            Optional<Vm> own = home.shipped(site, vm.id()).filter(known -> fits(known, vm));
            if (own.isPresent()) {
                goOn(files.write(Footing.making(vm, own.get(), site, replica)));
            } else if (before.isPresent()) {
                files.delete(vm.id());
            }
        } catch (IOException | RuntimeException e) {
            LOG.warn("vm={}: its disks begin with nothing: {}", vm.name(), e.toString());
        }
        roles.tellAlso(site);
    }

    private static boolean fits(Vm own, Vm vm) {
        return vm.disks().stream().allMatch(disk -> own.disk(disk.name())
                .filter(known ->
                        known.sizeBytes() == disk.sizeBytes() && !known.id().equals(disk.id()))
                .isPresent());
    }

    private Optional<String> doubt(RecoveryPoint point, JournalId replica) {
        return files.find(point.vm().id())
                .filter(base -> base.isOf(replica) && base.vm().sharesDisksWith(point.vm()))
                .flatMap(base -> switch (base.stage()) {
                    case MAKING, FILLED, BASED ->
                        Optional.of("it is not agreed yet that its disks began with what they should");
                    case WHOLE ->
                        point.sequence().isAfter(base.last())
                                ? Optional.empty()
                                : Optional.of(
                                        "its disks may have begun with something else, up to record " + base.last());
                    case AGREED, NOTHING -> Optional.empty();
                });
    }

    private void goOn(Footing base) {
        if (!base.isBeingMade()) {
            return;
        }
        try {
            copying.execute(() -> work(base));
        } catch (RejectedExecutionException ending) {
            LOG.debug("vm={}: the next life goes on", base.vm().name());
        }
    }

    private void work(Footing begun) {
        try {
            Optional<Footing> now = files.find(begun.vm().id());
            if (now.filter(base -> base.stage() == Stage.MAKING).isPresent() && copy(now.get())) {
                now = files.update(now.get(), Footing::filled);
            }
            if (now.filter(base -> base.stage() == Stage.FILLED).isPresent()) {
                end(now.get());
            }
        } catch (IOException | RuntimeException e) {
            if (!closed) {
                giveUp(begun, e);
            }
        }
    }

    /** False when that was not to be ended. */
    private boolean copy(Footing base) throws IOException {
        VolumeDrafts volumes = folders.apply(base.received());
        for (Disk disk : base.vm().disks()) {
            DiskCopy copy = new DiskCopy(home, base.peer(), base.under(disk), () -> closed || !isMaking(base));
            if (!copy.into(volumes, disk)) {
                return false;
            }
        }
        return true;
    }

    private boolean isMaking(Footing base) {
        return files.find(base.vm().id())
                .filter(now -> now.stage() == Stage.MAKING && now.firstDisk().equals(base.firstDisk()))
                .isPresent();
    }

    private void end(Footing base) throws IOException {
        if (!home.shipped(base.peer(), base.vm().id())
                .filter(base.own()::hasDisksOf)
                .isPresent()) {
            throw new IOException("the VM is not here any more");
        }
        Optional<Common> end = home.end(base.peer(), base.own(), base.firstDisk());
        if (end.isPresent()) { // else there will be another time: when it is fenced
            files.update(base, now -> now.based(end.get()));
            roles.tellAlso(base.peer());
        }
    }

    private void giveUp(Footing base, Exception why) {
        LOG.warn("vm={}: its disks begin with nothing", base.vm().name(), why);
        events.warn(
                "base-given-up",
                base.vm().name().text(),
                "what is here of its disks is of no use, and site " + base.peer() + " has to copy everything: "
                        + why.getMessage());
        try {
            Optional<Footing> now = files.find(base.vm().id());
            if (now.filter(Footing::isBeingMade).isPresent()) {
                files.update(now.get(), Footing::nothing);
            }
            roles.tellAlso(base.peer());
        } catch (IOException e) {
            LOG.error("vm={}: that could not be written down", base.vm().name(), e); // the next life tries again
        }
    }

    /** What a site is told that is the source of VMs which this one has lost. */
    private List<Claim> claims(String peer) {
        List<Claim> claims = new ArrayList<>();
        for (TermBook.Entry entry : roles.sharedWith(peer)) {
            if (entry.tenure() instanceof Tenure.Lost lost && lost.term().site().equals(peer)) {
                claim(entry.vm(), lost, peer).ifPresent(claims::add);
            }
        }
        return claims;
    }

    private Optional<Claim> claim(VmId vm, Tenure.Lost lost, String peer) {
        Optional<Footing> base = files.find(vm).filter(known -> known.peer().equals(peer));
        if (base.isEmpty()) {
            return home.received(peer, vm)
                    .map(known -> baseless(vm, lost, known.disks().getFirst()));
        }
        return Optional.of(
                switch (base.get().stage()) {
                    case MAKING, FILLED ->
                        new Claim(
                                vm,
                                lost.term(),
                                Claim.Kind.BASING,
                                Common.of(base.get().firstDisk(), Sequence.NONE));
                    case BASED, AGREED ->
                        new Claim(vm, lost.term(), Claim.Kind.BASED, base.get().common());
                    case WHOLE, NOTHING ->
                        baseless(vm, lost, base.get().vm().disks().getFirst());
                });
    }

    private static Claim baseless(VmId vm, Tenure.Lost lost, Disk first) {
        return new Claim(vm, lost.term(), Claim.Kind.BASELESS, Common.of(first.id(), Sequence.NONE));
    }

    private void hear(String peer, Claim claim) {
        Optional<Footing> base = files.find(claim.vm())
                .filter(known -> known.peer().equals(peer)
                        && known.firstDisk().equals(claim.common().disk()));
        if (base.isEmpty()) {
            return;
        }
        try {
            if (claim.kind() == Claim.Kind.AGREED
                    && base.get().stage() == Stage.BASED
                    && base.get().common().equals(claim.common())) {
                files.update(base.get(), Footing::agreed);
                events.info(
                        "base-agreed",
                        base.get().vm().name().text(),
                        "site " + peer + " copies what differs from the disks that are here");
            } else if (claim.kind() == Claim.Kind.WHOLE && !isWhole(base.get(), claim.last())) {
                files.update(base.get(), now -> now.whole(claim.last()));
            }
        } catch (IOException e) {
            LOG.error("vm={}: a claim of {} is not heard", claim.vm(), peer, e); // it comes again in the next session
        }
    }

    private static boolean isWhole(Footing base, Sequence last) {
        return base.stage() == Stage.WHOLE && base.last().equals(last);
    }
}
