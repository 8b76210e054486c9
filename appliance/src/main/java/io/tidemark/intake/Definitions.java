package io.tidemark.intake;

import io.tidemark.events.EventLog;
import io.tidemark.intake.OperatorRequest.Decision;
import io.tidemark.journal.Entry;
import io.tidemark.journal.VmId;
import io.tidemark.vm.Disk;
import io.tidemark.vm.Ledger;
import io.tidemark.vm.Vm;
import io.tidemark.vm.VmDocument;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.Executor;
import java.util.function.Function;
import java.util.function.Supplier;

/**
 * What is protected, as operators change it: VMs come, become something else, and go. Any thread; all that happens is the owner's.
 *
 * <p>A volume is as large as its disk before the record that says so. After a crash between the two it is larger, which nobody notices.
 */
final class Definitions {

    private final Streams streams;
    private final Fencing fencing;
    private final Rungs rungs;
    private final VmExports exports;
    private final ReplicaCopies copies;
    private final DiskVolumes volumes;
    private final Epochs epochs;
    private final EventLog events;
    private final Executor owner;
    private final Executor blocking;
    private final Function<Supplier<Decision>, CompletableFuture<Registration>> ask;

    /**
     * @param blocking threads that may wait for the disk
     * @param ask has something decided and recorded when its turn comes
     */
    Definitions(
            Streams streams,
            Fencing fencing,
            Rungs rungs,
            VmExports exports,
            ReplicaCopies copies,
            DiskVolumes volumes,
            Epochs epochs,
            EventLog events,
            Executor owner,
            Executor blocking,
            Function<Supplier<Decision>, CompletableFuture<Registration>> ask) {
        this.streams = streams;
        this.fencing = fencing;
        this.rungs = rungs;
        this.exports = exports;
        this.copies = copies;
        this.volumes = volumes;
        this.epochs = epochs;
        this.events = events;
        this.owner = owner;
        this.blocking = blocking;
        this.ask = ask;
    }

    /** Protects the VM, or changes what it is. Its disks' volumes are there and the record is durable when this is done. */
    CompletableFuture<Registration> define(Vm vm) {
        return CompletableFuture.supplyAsync(() -> objection(vm), owner)
                .thenApplyAsync(objection -> objection.or(() -> volumes.open(vm)), blocking)
                .thenComposeAsync(
                        objection -> objection
                                .<CompletableFuture<Registration>>map(
                                        why -> CompletableFuture.completedFuture(new Registration.Refused(why)))
                                .orElseGet(() -> record(vm)),
                        owner);
    }

    /** What a replica that begins with a seed lacks, which is everything until it is compared, is on the disk before the record. */
    private CompletableFuture<Registration> record(Vm vm) {
        return copies.rememberAll(seededAnew(vm))
                .thenCompose(saved -> ask.apply(() -> decide(vm)))
                .exceptionally(failure -> new Registration.Refused(
                        "what has to be copied cannot be remembered: " + failure.getMessage()));
    }

    private List<Disk> seededAnew(Vm vm) {
        return vm.disks().stream()
                .filter(disk -> disk.seeded() && streams.find(disk.id()).isEmpty())
                .toList();
    }

    /** Ends the protection of a VM: its exports go at once, its volumes when everything before is applied. */
    CompletableFuture<Registration> remove(VmId vm) {
        return ask.apply(() -> ledger().vm(vm)
                .<Decision>map(known -> new Decision.Append(List.of(new Entry.VmRemoved(vm)), () -> forget(known)))
                .orElseGet(() -> new Decision.Answer(new Registration.Unknown())));
    }

    /** Takes up the VM as it is now and lets clients in. Owner. */
    void take(Vm vm) {
        try {
            takeUp(vm, "its replica begins with a seed, and is compared with it when the source's copy is complete");
            exports.take(vm);
        } catch (IOException e) {
            throw new UncheckedIOException(e); // the volumes are open already
        }
    }

    /**
     * Takes up the VM as it is now; nobody finds it yet. Owner.
     *
     * @param why the replica of a disk is out of step, should it be
     */
    void takeUp(Vm vm, String why) throws IOException {
        streams.take(vm);
        fencing.look(vm);
        for (Disk disk : vm.disks()) {
            ledger().state(disk.id()).ifPresent(state -> rungs.take(disk.id(), state.ship(), why));
        }
    }

    private Decision decide(Vm vm) {
        Optional<Vm> known = ledger().vm(vm.id());
        if (known.filter(vm::equals).isPresent()) {
            return new Decision.Answer(new Registration.Unchanged());
        }
        Optional<String> objection = objection(vm);
        if (objection.isPresent()) {
            return new Decision.Answer(new Registration.Refused(objection.get()));
        }
        return new Decision.Append(List.of(new Entry.VmDefined(vm.id(), VmDocument.write(vm))), () -> {
            List<Disk> seeded = seededAnew(vm);
            known.ifPresent(before -> forget(before.disksNotIn(vm)));
            take(vm);
            seeded.forEach(disk -> streams.find(disk.id()).ifPresent(copies::beginAll));
            known.ifPresent(before -> changed(before, vm));
        });
    }

    private Optional<String> objection(Vm vm) {
        return DefinitionRules.objection(ledger(), vm, fencing::why);
    }

    /** What the VM is by now is in a point at once, if it is cut: else it would be in none before somebody writes. */
    private void changed(Vm before, Vm vm) {
        before.disksNotIn(vm)
                .forEach(disk -> events.info(
                        "disk-removed",
                        vm.name() + "/" + disk.name(),
                        "it is not in points behind record " + streams.appended()
                                + ", and its volume at this site goes"));
        for (Disk disk : vm.disks()) {
            String name = vm.name() + "/" + disk.name();
            before.disk(disk.id())
                    .ifPresentOrElse(
                            known -> resized(known, disk, name),
                            () -> events.info(
                                    "disk-added",
                                    name,
                                    disk.sizeBytes() + " bytes, in points behind record " + streams.appended()));
        }
        epochs.cutAnyway(vm);
    }

    private void resized(Disk known, Disk disk, String name) {
        if (known.sizeBytes() != disk.sizeBytes()) {
            streams.find(disk.id()).ifPresent(copies::grown);
            events.info(
                    "disk-grown",
                    name,
                    "from " + known.sizeBytes() + " to " + disk.sizeBytes() + " bytes at record " + streams.appended()
                            + "; clients see it when they connect anew");
        }
    }

    private void forget(Vm vm) {
        forget(vm.disks());
        streams.forget(vm.id());
    }

    /** Their volumes go when the applier gets there. */
    private void forget(List<Disk> disks) {
        exports.remove(disks);
        for (Disk disk : disks) {
            copies.forget(disk.id());
            rungs.forget(disk.id());
            streams.remove(disk.id());
        }
    }

    private Ledger ledger() {
        return streams.ledger();
    }
}
