package io.tidemark.intake;

import io.tidemark.intake.OperatorRequest.Decision;
import io.tidemark.journal.Entry;
import io.tidemark.journal.Epoch;
import io.tidemark.journal.Side;
import io.tidemark.journal.StreamId;
import io.tidemark.resync.DirtyBlocks;
import io.tidemark.vm.Disk;
import io.tidemark.vm.Ledger;
import io.tidemark.vm.ShipState;
import io.tidemark.vm.Vm;
import io.tidemark.vm.VmDocument;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.Executor;
import java.util.function.Consumer;
import java.util.function.Function;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;

/**
 * Takes up a VM whose volumes have content that the replica may lack, since it was promoted here. It has no point there before somebody has found
 * out what that is, and it is copied. Any thread; all that happens is the owner's.
 */
final class Adoption {

    private final Streams streams;
    private final ReplicaCopies copies;
    private final Saves saves;
    private final Executor owner;
    private final Executor blocking;
    private final DiskVolumes volumes;
    private final Consumer<Vm> take;
    private final Function<Supplier<Decision>, CompletableFuture<Registration>> ask;

    /**
     * @param take lets clients in; on the owner
     * @param ask has something decided and recorded when its turn comes
     */
    Adoption(
            Streams streams,
            ReplicaCopies copies,
            Saves saves,
            Executor owner,
            Executor blocking,
            DiskVolumes volumes,
            Consumer<Vm> take,
            Function<Supplier<Decision>, CompletableFuture<Registration>> ask) {
        this.streams = streams;
        this.copies = copies;
        this.saves = saves;
        this.owner = owner;
        this.blocking = blocking;
        this.volumes = volumes;
        this.take = take;
        this.ask = ask;
    }

    /** Takes up the VM. Begun before, perhaps by a life that ended in the middle, it is finished, as it has become since. */
    CompletableFuture<Registration> adopt(Vm vm) {
        return CompletableFuture.supplyAsync(() -> objection(vm), owner)
                .thenApplyAsync(objection -> objection.or(() -> volumes.open(vm)), blocking)
                .thenCompose(objection -> objection.isPresent()
                        ? CompletableFuture.completedFuture(new Registration.Refused(objection.get()))
                        : CompletableFuture.completedFuture(vm)
                                .thenComposeAsync(whole -> saves.write(bitmapsOf(whole)), owner)
                                .thenCompose(saved -> ask.apply(() -> decide(vm))));
    }

    /** What the replica lacks beside what the journal has, or will have. Done when it is durable. */
    CompletableFuture<Void> lacking(Vm vm, Map<StreamId, DirtyBlocks> blocks) {
        return CompletableFuture.completedFuture(vm)
                .thenComposeAsync(
                        known -> {
                            Map<StreamId, DirtyBlocks> all = new LinkedHashMap<>();
                            for (Disk disk : known.disks()) {
                                streams.find(disk.id())
                                        .ifPresent(stream -> all.put(disk.id(), add(stream, blocks.get(disk.id()))));
                            }
                            return saves.write(all);
                        },
                        owner);
    }

    private DirtyBlocks add(Stream stream, @Nullable DirtyBlocks blocks) {
        DirtyBlocks lacking = blocks == null ? ReplicaCopies.all(stream) : blocks.copy();
        copies.begin(stream, lacking);
        return lacking.copy();
    }

    private Optional<String> objection(Vm vm) {
        return streams.ledger().vm(vm.id()).isPresent()
                ? Optional.empty() // begun before
                : DefinitionRules.objection(streams.ledger(), vm, known -> Optional.empty());
    }

    private Decision decide(Vm adopted) {
        Ledger ledger = streams.ledger();
        Optional<Vm> known = ledger.vm(adopted.id());
        Vm vm = known.orElse(adopted);
        List<Disk> toCopy = vm.disks().stream()
                .filter(disk -> adopted.has(disk.id()))
                .filter(disk -> ledger.state(disk.id())
                        .filter(state -> state.ship() == ShipState.COPYING)
                        .isEmpty())
                .toList();
        List<Entry.Control> entries = new ArrayList<>();
        if (known.isEmpty()) {
            entries.add(new Entry.VmDefined(vm.id(), VmDocument.write(vm)));
        }
        toCopy.forEach(disk -> entries.add(new Entry.CopyBegin(disk.id(), epochOf(disk), Side.SHIP)));
        return entries.isEmpty()
                ? new Decision.Answer(new Registration.Unchanged())
                : new Decision.Append(entries, () -> {
                    take.accept(vm);
                    toCopy.forEach(disk -> streams.find(disk.id()).ifPresent(this::beginHeld));
                });
    }

    private Epoch epochOf(Disk disk) {
        return streams.find(disk.id()).map(Stream::epoch).orElse(Epoch.FIRST);
    }

    private void beginHeld(Stream stream) {
        copies.hold(stream.id());
        copies.begin(stream, new DirtyBlocks(stream.disk().sizeBytes()));
    }

    /** Empty ones, and none of a VM that is there already: the replica may lack something of that by now. The owner. */
    private Map<StreamId, DirtyBlocks> bitmapsOf(Vm vm) {
        Map<StreamId, DirtyBlocks> bitmaps = new LinkedHashMap<>();
        if (streams.ledger().vm(vm.id()).isEmpty()) {
            vm.disks().forEach(disk -> bitmaps.put(disk.id(), new DirtyBlocks(disk.sizeBytes())));
        }
        return bitmaps;
    }
}
