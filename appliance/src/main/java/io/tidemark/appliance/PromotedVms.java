package io.tidemark.appliance;

import io.tidemark.failover.Home;
import io.tidemark.intake.JournalIntake;
import io.tidemark.intake.Registration;
import io.tidemark.intake.VmStatus;
import io.tidemark.journal.Extent;
import io.tidemark.journal.Sequence;
import io.tidemark.journal.StreamId;
import io.tidemark.journal.VmId;
import io.tidemark.replica.Replica;
import io.tidemark.replica.Replicas;
import io.tidemark.resync.DirtyBlocks;
import io.tidemark.term.Common;
import io.tidemark.vm.Disk;
import io.tidemark.vm.Vm;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.util.Comparator;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionException;
import java.util.concurrent.TimeUnit;
import java.util.function.BiConsumer;

/** Gives promoted VMs a home in the journals of this site, which are known once the site has any. */
final class PromotedVms implements Home {

    private final CompletableFuture<Protection> protection = new CompletableFuture<>();
    private final CompletableFuture<Sources> sources = new CompletableFuture<>();
    private final CompletableFuture<Replicas> replicas = new CompletableFuture<>();

    void begin(Protection vms, Sources journals, Replicas received) {
        protection.complete(vms);
        sources.complete(journals);
        replicas.complete(received);
    }

    @Override
    public Optional<String> objection(String peer, Vm vm, boolean comesBack) {
        if (sources.join().to(peer).isEmpty()) {
            return Optional.of("nothing can be shipped to site " + peer
                    + ", which the VM's writes are to go to: register it with its address first, also when it is down");
        }
        return protection.join().all().stream()
                .map(each -> each.status().vm())
                .filter(known ->
                        known.id().equals(vm.id()) ? !comesBack : known.name().equals(vm.name()))
                .findFirst()
                .map(known -> "VM " + known.name() + " is protected here already");
    }

    @Override
    public StreamId newDisk() {
        return protection.join().newDisk();
    }

    @Override
    public boolean has(VmId vm) {
        return protection.join().all().stream()
                .anyMatch(each -> each.status().vm().id().equals(vm));
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
        sources.join().to(peer).ifPresent(source -> source.intake().release(vm));
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
        return sources.join().to(peer).flatMap(source -> await(source.intake().status()).stream()
                .map(VmStatus::vm)
                .filter(known -> known.id().equals(vm))
                .findFirst());
    }

    @Override
    public Optional<Vm> received(String peer, VmId vm) {
        return replicas.join().all().stream()
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
        return source(peer).end(vm, first);
    }

    private Source source(String peer) throws IOException {
        return sources.join()
                .to(peer)
                .orElseThrow(() -> new IOException("the journal to site " + peer + " is not open"));
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
