package io.tidemark.state;

import com.fasterxml.jackson.annotation.JsonProperty;
import io.tidemark.journal.Entry;
import io.tidemark.journal.JournalRecord;
import io.tidemark.journal.Mark;
import io.tidemark.journal.Sequence;
import io.tidemark.journal.StreamId;
import io.tidemark.journal.VmId;
import io.tidemark.vm.Disk;
import io.tidemark.vm.Ledger;
import io.tidemark.vm.Vm;
import io.tidemark.vm.VmDocument;
import io.tidemark.volume.Applied;
import io.tidemark.volume.Volumes;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;

/**
 * How far the volumes of a journal are, and what was true there.
 *
 * <p>Together with the records behind it in the journal it gives every state after it. Belongs to the applier's thread.
 * Volumes come with the record that defines their VM and go with the one that removes it, so that both happen again
 * after a crash.
 */
public final class Checkpoint implements Applied {

    private static final int FORMAT = 1;

    /** The file. VMs have files of their own, written before it whenever they change. */
    record Saved(
            @JsonProperty("format") int format,
            @JsonProperty("applied") Sequence applied,
            @JsonProperty("ledger") Ledger.Document ledger,
            @JsonProperty("vms") List<VmId> vms) {}

    private final Path folder;
    private final DurableFile<Saved> file;
    private final Volumes volumes;
    private final Ledger ledger;
    private final List<VmId> removed = new ArrayList<>();
    private Sequence applied;

    private Checkpoint(Path folder, Volumes volumes, Ledger ledger, Sequence applied) {
        this.folder = folder;
        this.file = fileIn(folder);
        this.volumes = volumes;
        this.ledger = ledger;
        this.applied = applied;
    }

    /** Reads the checkpoint in a folder, or begins one there, and opens the volumes of its VMs. */
    public static Checkpoint open(Path folder, Volumes volumes) throws IOException {
        Files.createDirectories(folder.resolve("vms"));
        Optional<Saved> saved = fileIn(folder).read();
        if (saved.isEmpty()) {
            return new Checkpoint(folder, volumes, new Ledger(), Sequence.NONE);
        }
        if (saved.get().format() != FORMAT) {
            throw new IOException(
                    folder + ": checkpoint of format " + saved.get().format() + ", not " + FORMAT);
        }
        List<Vm> vms = new ArrayList<>();
        for (VmId id : saved.get().vms()) {
            vms.add(fileOf(folder, id)
                    .read()
                    .orElseThrow(() -> new IOException(folder + ": VM " + id + " is missing")));
        }
        for (Vm vm : vms) {
            openVolumes(volumes, vm);
        }
        return new Checkpoint(
                folder,
                volumes,
                new Ledger(saved.get().ledger(), vms),
                saved.get().applied());
    }

    /** The volumes are durable up to here. */
    public Sequence applied() {
        return applied;
    }

    /** A ledger as of {@link #applied} that the caller may carry on. */
    public Ledger ledger() {
        return new Ledger(ledger.document(), ledger.vms());
    }

    /** Begins at a sequence other than the first: what is before it is not to be had. Only while nothing was applied. */
    public void beginAt(Sequence at) throws IOException {
        save(at);
    }

    @Override
    public void passed(JournalRecord control) throws IOException {
        Entry.Control entry = (Entry.Control) control.entry();
        Optional<Vm> gone = entry instanceof Entry.VmRemoved of ? ledger.vm(of.vm()) : Optional.empty();
        ledger.apply(new Mark(control.sequence(), control.timeNanos(), entry));
        if (entry instanceof Entry.VmDefined defined) {
            Vm vm = ledger.vm(defined.vm()).orElseThrow();
            fileOf(folder, vm.id()).write(vm);
            openVolumes(volumes, vm);
        }
        if (gone.isPresent()) {
            remove(gone.get());
        }
    }

    @Override
    public void save(Sequence upTo) throws IOException {
        file.write(new Saved(
                FORMAT,
                upTo,
                ledger.document(),
                ledger.vms().stream().map(Vm::id).toList()));
        applied = upTo;
        for (VmId vm : removed) {
            fileOf(folder, vm).delete();
        }
        removed.clear();
    }

    private void remove(Vm vm) throws IOException {
        removed.add(vm.id());
        for (Disk disk : vm.disks()) {
            volumes.delete(disk.id());
        }
    }

    private static void openVolumes(Volumes volumes, Vm vm) throws IOException {
        for (Disk disk : vm.disks()) {
            StreamId stream = disk.id();
            volumes.open(stream, disk.sizeBytes());
        }
    }

    private static DurableFile<Saved> fileIn(Path folder) {
        return new DurableFile<>(folder.resolve("checkpoint.json"), Saved.class, VmDocument.mapper());
    }

    private static DurableFile<Vm> fileOf(Path folder, VmId vm) {
        return new DurableFile<>(folder.resolve("vms").resolve(vm + ".json"), Vm.class, VmDocument.mapper());
    }
}
