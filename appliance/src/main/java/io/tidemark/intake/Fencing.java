package io.tidemark.intake;

import io.tidemark.journal.Journal;
import io.tidemark.journal.Sequence;
import io.tidemark.journal.StreamId;
import io.tidemark.journal.TimedOwner;
import io.tidemark.journal.VmId;
import io.tidemark.nbd.NbdError;
import io.tidemark.resync.DirtyBlocks;
import io.tidemark.vm.Disk;
import io.tidemark.vm.ShipState;
import io.tidemark.vm.Vm;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.Executor;
import java.util.function.Function;

/**
 * Which disks of a journal refuse what would change them, since another site is their VM's source or may be (I11). They can be read, and
 * nothing of what they hold is given up.
 *
 * <p>A disk whose source may have gone on without us meanwhile is suspect when the fence goes.
 */
public final class Fencing {

    /** What a guest's kernel takes for a disk that is gone (ESHUTDOWN). */
    static final NbdError DEAD = NbdError.SHUTTING_DOWN;

    /**
     * What a fenced VM has that its peer has not acknowledged.
     *
     * @param acknowledged the peer has everything up to here
     * @param last the newest durable record
     * @param bytes of the blocks of 64 KiB that records between the two have changed, or some more: the index tells it by segment
     */
    public record Unshipped(Sequence acknowledged, Sequence last, long bytes) {}

    /**
     * The end of what a fenced VM's guest has written.
     *
     * @param last nothing of it comes behind this record, which is durable
     * @param whole every change of it up to there is a record that is shipped: none was left to a copy that was not complete
     */
    public record Settled(Sequence last, boolean whole) {}

    private final Journal journal;
    private final TimedOwner owner;
    private final Executor blocking;
    private final Streams streams;
    private final Epochs epochs;
    private final Gaps gaps;
    private final Function<VmId, Optional<String>> fence;
    private final Map<StreamId, String> fenced = new ConcurrentHashMap<>(); // written by the owner, read by any thread

    /** @param fence why this site must not be a VM's source, if that is so; answers at once */
    Fencing(
            Journal journal,
            TimedOwner owner,
            Executor blocking,
            Streams streams,
            Epochs epochs,
            Gaps gaps,
            Function<VmId, Optional<String>> fence) {
        this.journal = journal;
        this.owner = owner;
        this.blocking = blocking;
        this.streams = streams;
        this.epochs = epochs;
        this.gaps = gaps;
        this.fence = fence;
    }

    /** Looks whether the VM is fenced now. From the return on its disks do as that says. Owner. */
    void look(Vm vm) {
        Optional<String> why = fence.apply(vm.id());
        for (Disk disk : vm.disks()) {
            why.ifPresentOrElse(reason -> fenced.put(disk.id(), reason), () -> fenced.remove(disk.id()));
        }
    }

    /** Whether the disk takes no changes. Any thread. */
    boolean isFenced(StreamId stream) {
        return !fenced.isEmpty() && fenced.containsKey(stream);
    }

    /**
     * Looks again, and ends the open epochs. Completes with the newest record, once that is durable: when the VM is fenced, nothing of its
     * guest's comes behind it. Any thread.
     */
    public CompletableFuture<Settled> look(VmId id) {
        CompletableFuture<Settled> settled = new CompletableFuture<>();
        owner.execute(() -> {
            try {
                streams.ledger().vm(id).ifPresent(this::lookAgain);
                epochs.cut();
                Settled now = new Settled(journal.appended(), isShippedWhole(id));
                journal.whenDurable(now.last(), () -> settled.complete(now));
            } catch (RuntimeException e) { // the journal has failed
                settled.completeExceptionally(e);
            }
        });
        return settled;
    }

    /** Why the VM takes no changes, if that is so. Any thread. */
    public Optional<String> why(Vm vm) {
        return vm.disks().stream()
                .flatMap(disk -> Optional.ofNullable(fenced.get(disk.id())).stream())
                .findFirst();
    }

    /** What the VM has that a peer which has acknowledged so much lacks. Any thread. */
    public CompletableFuture<Unshipped> unshipped(Vm vm, Sequence acknowledged) {
        return CompletableFuture.supplyAsync(() -> unshippedOf(vm, acknowledged), blocking);
    }

    private boolean isShippedWhole(VmId id) {
        return streams.ledger().vm(id).stream()
                .flatMap(vm -> vm.disks().stream())
                .flatMap(disk -> streams.find(disk.id()).stream())
                .allMatch(stream -> streams.state(stream).ship() == ShipState.FULL);
    }

    private void lookAgain(Vm vm) {
        if (why(vm).isPresent() && fence.apply(vm.id()).isEmpty()) {
            vm.disks().stream()
                    .flatMap(disk -> streams.find(disk.id()).stream())
                    .filter(gaps::mayBe)
                    .forEach(this::beSuspect);
        }
        look(vm);
    }

    private void beSuspect(Stream stream) {
        if (gaps.record(stream, "its writes were refused while its VM was fenced")
                .isEmpty()) {
            stream.missed(); // no room to say so
        }
    }

    private Unshipped unshippedOf(Vm vm, Sequence acknowledged) {
        Sequence durable = journal.durable();
        Sequence after = Sequence.earlier(Sequence.later(acknowledged, journal.trimmed()), durable);
        long bytes = 0;
        for (Disk disk : vm.disks()) {
            DirtyBlocks changed = new DirtyBlocks(disk.sizeBytes());
            journal.touched(disk.id(), after, durable, changed::mark);
            bytes += changed.bytes();
        }
        return new Unshipped(after, durable, bytes);
    }
}
