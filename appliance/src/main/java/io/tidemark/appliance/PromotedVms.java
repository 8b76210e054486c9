package io.tidemark.appliance;

import io.tidemark.failover.Home;
import io.tidemark.intake.Fencing;
import io.tidemark.intake.JournalIntake;
import io.tidemark.intake.Registration;
import io.tidemark.intake.VmStatus;
import io.tidemark.journal.Extent;
import io.tidemark.journal.Sequence;
import io.tidemark.journal.StreamId;
import io.tidemark.journal.VmId;
import io.tidemark.replica.Replica;
import io.tidemark.resync.DirtyBlocks;
import io.tidemark.term.Common;
import io.tidemark.vm.Disk;
import io.tidemark.vm.Vm;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.util.Collection;
import java.util.Comparator;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionException;
import java.util.concurrent.TimeUnit;
import java.util.function.BiConsumer;
import java.util.function.Supplier;
import java.util.stream.Stream;

/** Gives promoted VMs a home in the journals of this site. */
public final class PromotedVms implements Home {

    private final Supplier<Collection<? extends ShippedJournal>> journals;
    private final Supplier<Collection<Replica>> replicas;
    private final Supplier<StreamId> newDisk;

    /**
     * What it is given is asked for only once the site has journals and replicas.
     *
     * @param newDisk gives the identity of a disk that never was
     */
    public PromotedVms(
            Supplier<Collection<? extends ShippedJournal>> journals,
            Supplier<Collection<Replica>> replicas,
            Supplier<StreamId> newDisk) {
        this.journals = journals;
        this.replicas = replicas;
        this.newDisk = newDisk;
    }

    @Override
    public Optional<String> objection(String peer, Vm vm, boolean comesBack) {
        if (to(peer).isEmpty()) {
            return Optional.of("nothing can be shipped to site " + peer
                    + ", which the VM's writes are to go to: register it with its address first, also when it is down");
        }
        return shipped()
                .filter(known ->
                        known.id().equals(vm.id()) ? !comesBack : known.name().equals(vm.name()))
                .findFirst()
                .map(known -> "VM " + known.name() + " is protected here already");
    }

    @Override
    public StreamId newDisk() {
        return newDisk.get();
    }

    @Override
    public boolean has(VmId vm) {
        return shipped().anyMatch(known -> known.id().equals(vm));
    }

    @Override
    public void take(String peer, Vm vm) throws IOException {
        JournalIntake intake = source(peer).intake();
        if (shipped(peer, vm.id()).filter(known -> !known.sharesDisksWith(vm)).isPresent()) {
            done(vm, intake.remove(vm.id())); // what was fenced here; a crash behind this finds nothing to remove
        }
        done(vm, intake.adopt(vm));
    }

    @Override
    public void lacking(String peer, Vm vm, Map<StreamId, DirtyBlocks> blocks) throws IOException {
        try {
            await(source(peer).intake().lacking(vm, blocks));
        } catch (CompletionException e) {
            throw new IOException("what has to be copied cannot be remembered: " + e.getCause(), e);
        }
    }

    @Override
    public void release(String peer, Vm vm) {
        to(peer).ifPresent(journal -> journal.intake().release(vm));
    }

    @Override
    public Sequence copyAgain(String peer, Vm vm) throws IOException {
        Sequence from = Sequence.NONE;
        for (Disk disk : vm.disks()) {
            from = Sequence.later(from, done(vm, source(peer).intake().copyToReplica(disk.id())));
        }
        return from;
    }

    @Override
    public Optional<Vm> shipped(String peer, VmId vm) {
        return to(peer).flatMap(journal ->
                vms(journal).filter(known -> known.id().equals(vm)).findFirst());
    }

    @Override
    public Optional<Vm> received(String peer, VmId vm) {
        return replicas.get().stream()
                .filter(replica -> replica.site().equals(peer))
                .sorted(Comparator.comparing(
                                (Replica replica) -> replica.provenance().number())
                        .reversed())
                .flatMap(replica -> replica.vms().join().stream())
                .filter(known -> known.id().equals(vm))
                .findFirst();
    }

    @Override
    public void read(String peer, StreamId disk, Extent extent, ByteBuffer into) throws IOException {
        source(peer).intake().contents().read(disk, extent, into);
    }

    @Override
    public void allocation(String peer, StreamId disk, Extent extent, BiConsumer<Extent, Boolean> visitor)
            throws IOException {
        source(peer).intake().contents().allocation(disk, extent, visitor);
    }

    @Override
    public Optional<Common> end(String peer, Vm vm, StreamId first) throws IOException {
        ShippedJournal journal = source(peer);
        Fencing.Settled end = await(journal.intake().fencing().look(vm.id()));
        if (journal.intake().fencing().why(vm).isEmpty()) {
            return Optional.empty();
        }
        if (!end.whole()) {
            throw new IOException("a copy of it to " + peer + " was not complete when it was fenced");
        }
        return Optional.of(new Common(first, journal.shippedAs(), end.last(), journal.checksum(end.last())));
    }

    private Optional<? extends ShippedJournal> to(String peer) {
        return journals.get().stream()
                .filter(journal -> journal.site().equals(peer))
                .findFirst();
    }

    private ShippedJournal source(String peer) throws IOException {
        for (ShippedJournal journal : journals.get()) {
            if (journal.site().equals(peer)) {
                return journal;
            }
        }
        throw new IOException("the journal to site " + peer + " is not open");
    }

    private Stream<Vm> shipped() {
        return journals.get().stream().flatMap(PromotedVms::vms);
    }

    private static Stream<Vm> vms(ShippedJournal journal) {
        return await(journal.intake().status()).stream().map(VmStatus::vm);
    }

    private static Sequence done(Vm vm, CompletableFuture<Registration> asked) throws IOException {
        return switch (await(asked)) {
            case Registration.Done done -> done.at();
            case Registration.Unchanged unchanged -> Sequence.NONE;
            case Registration.Refused refused -> throw new IOException(refused.reason());
            case Registration.Unknown unknown -> throw new IOException("VM " + vm.name() + " is not known");
        };
    }

    private static <T> T await(CompletableFuture<T> answer) {
        return answer.orTimeout(Protection.PATIENCE.toMillis(), TimeUnit.MILLISECONDS)
                .join();
    }
}
