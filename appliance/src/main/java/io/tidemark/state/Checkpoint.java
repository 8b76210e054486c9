package io.tidemark.state;

import com.fasterxml.jackson.annotation.JsonProperty;
import io.tidemark.journal.Entry;
import io.tidemark.journal.Epoch;
import io.tidemark.journal.JournalRecord;
import io.tidemark.journal.Mark;
import io.tidemark.journal.Sequence;
import io.tidemark.journal.StreamId;
import io.tidemark.journal.Tail;
import io.tidemark.journal.VmId;
import io.tidemark.vm.Disk;
import io.tidemark.vm.Ledger;
import io.tidemark.vm.Vm;
import io.tidemark.vm.VmDocument;
import io.tidemark.volume.Applied;
import io.tidemark.volume.Volumes;
import java.io.IOException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.TreeMap;
import java.util.UUID;

/**
 * How far the volumes of a journal are, and what was true there.
 *
 * <p>Together with the records behind it in the journal it gives every state after it. Belongs to the applier's thread.
 * Volumes come with the record that defines their VM and go with the one that removes it, so that both happen again
 * after a crash.
 */
public final class Checkpoint implements Applied {

    private static final int FORMAT = 1;
    private static final String FILE = "checkpoint.json";

    /** The file. VMs have files of their own, written before it whenever they change. */
    record Saved(
            @JsonProperty("format") int format,
            @JsonProperty("applied") Sequence applied,
            @JsonProperty("ledger") Ledger.Document ledger,
            @JsonProperty("vms") List<VmId> vms,
            @JsonProperty("tails") Map<String, SavedTail> tails) {}

    /** The end of a stream in the file. */
    record SavedTail(
            @JsonProperty("epoch") long epoch,
            @JsonProperty("last") Sequence last) {}

    private final SmallFiles files;
    private final DurableFile<Saved> file;
    private final Volumes volumes;
    private final Ledger ledger;
    private final Map<StreamId, Tail> tails;
    private final List<Vm> removed = new ArrayList<>();
    private final Set<StreamId> gone = new HashSet<>(); // disks that VMs no longer have, or VMs of a later time
    private Sequence applied;

    private Checkpoint(SmallFiles files, Volumes volumes, Ledger ledger, Map<StreamId, Tail> tails, Sequence applied) {
        this.files = files;
        this.file = fileIn(files);
        this.volumes = volumes;
        this.ledger = ledger;
        this.tails = tails;
        this.applied = applied;
    }

    /** Reads the checkpoint in a folder, or begins one there, and opens the volumes of its VMs. */
    public static Checkpoint open(Path folder, Volumes volumes) throws IOException {
        return open(new FolderFiles(folder), volumes);
    }

    /** Reads the checkpoint among the files, or begins one there, and opens the volumes of its VMs. */
    public static Checkpoint open(SmallFiles files, Volumes volumes) throws IOException {
        Optional<Saved> saved = fileIn(files).read(FORMAT, Saved::format);
        if (saved.isEmpty()) {
            return new Checkpoint(files, volumes, new Ledger(), new HashMap<>(), Sequence.NONE);
        }
        try {
            return open(files, volumes, saved.get(), vms(files, saved.get()));
        } catch (RuntimeException e) { // whatever does not hold in it: it was read as JSON, and no more is known of it
            throw new IOException(files + "/" + FILE + " cannot be understood: " + e, e);
        }
    }

    private static List<Vm> vms(SmallFiles files, Saved saved) throws IOException {
        List<Vm> vms = new ArrayList<>();
        for (VmId id : saved.vms()) {
            Vm vm = fileOf(files, id)
                    .read()
                    .orElseThrow(() -> new IOException(files + "/" + FILE + " names VM " + id + ", which is missing"));
            if (!vm.id().equals(id)) {
                throw new IOException(files + "/" + nameOf(id) + " is of VM " + vm.id());
            }
            vms.add(vm);
        }
        return vms;
    }

    private static Checkpoint open(SmallFiles files, Volumes volumes, Saved saved, List<Vm> vms) throws IOException {
        Ledger ledger = new Ledger(saved.ledger(), vms);
        for (Vm vm : vms) {
            reopenVolumes(volumes, vm, ledger);
        }
        Map<StreamId, Tail> tails = new HashMap<>();
        saved.tails()
                .forEach((stream, tail) -> tails.put(
                        new StreamId(UUID.fromString(stream)), new Tail(new Epoch(tail.epoch()), tail.last())));
        Checkpoint checkpoint = new Checkpoint(files, volumes, ledger, tails, saved.applied());
        saved.ledger().streams().keySet().stream()
                .map(stream -> new StreamId(UUID.fromString(stream)))
                .filter(stream -> ledger.vmOf(stream).isEmpty())
                .forEach(checkpoint.gone::add);
        return checkpoint;
    }

    /** The volumes are durable up to here. */
    public Sequence applied() {
        return applied;
    }

    /** A ledger as of {@link #applied} that the caller may carry on. */
    public Ledger ledger() {
        return new Ledger(ledger.document(), ledger.vms());
    }

    /** The end of each stream as of {@link #applied}, whether or not the journal still has its records. */
    public Map<StreamId, Tail> tails() {
        return Map.copyOf(tails);
    }

    /** Begins at a sequence other than the first: what is before it is not to be had. Only while nothing was applied. */
    public void beginAt(Sequence at) throws IOException {
        save(at);
    }

    @Override
    public void changed(Entry.Data data, Sequence at) {
        tails.merge(data.stream(), Tail.of(data.epoch(), data, at), Tail::and);
    }

    @Override
    public void passed(JournalRecord control) throws IOException {
        Entry.Control entry = (Entry.Control) control.entry();
        List<Disk> takenOut = List.of();
        if (entry instanceof Entry.VmDefined defined) {
            Vm vm = VmDocument.read(defined.vm(), defined.document());
            openVolumes(volumes, vm);
            fileOf(files, vm.id()).write(vm);
            takenOut = ledger.vm(vm.id()).map(before -> before.disksNotIn(vm)).orElse(List.of()).stream()
                    .filter(disk -> ledger.state(disk.id()).isPresent()) // else it is of a later time
                    .toList();
        }
        // From here on nothing can fail: a record that finds no space is passed again, and counts once.
        endTails(entry, control.sequence());
        takenOut.forEach(disk -> gone.add(disk.id()));
        if (entry instanceof Entry.VmRemoved of) {
            ledger.vm(of.vm()).filter(this::isOfThisTime).ifPresent(removed::add);
        }
        ledger.apply(new Mark(control.sequence(), control.timeNanos(), entry));
    }

    @Override
    public void save(Sequence upTo) throws IOException {
        file.write(new Saved(
                FORMAT,
                upTo,
                ledger.document(),
                ledger.vms().stream().map(Vm::id).toList(),
                savedTails()));
        applied = upTo;
        for (Vm vm : removed) {
            remove(vm);
        }
        removed.clear();
        for (StreamId disk : gone) {
            remove(disk);
        }
        gone.clear();
    }

    /**
     * The life before may have come to a later definition of the VM, which came back on other disks, and saved that but no checkpoint. Those disks are
     * not the ones that are removed here.
     */
    private boolean isOfThisTime(Vm vm) {
        return vm.disks().stream().allMatch(disk -> ledger.state(disk.id()).isPresent());
    }

    /** Only after the checkpoint without it: until then the next life may need what it has, to apply it again. */
    private void remove(Vm vm) throws IOException {
        for (Disk disk : vm.disks()) {
            remove(disk.id());
        }
        if (ledger.vm(vm.id()).isEmpty()) { // else it came back meanwhile, with other disks
            fileOf(files, vm.id()).delete();
        }
    }

    /** But for one that is there: it is of a later definition, which the life before had saved and this one has come to by now. */
    private void remove(StreamId disk) throws IOException {
        if (ledger.vmOf(disk).isEmpty()) {
            volumes.delete(disk);
            tails.remove(disk);
        }
    }

    private void endTails(Entry.Control entry, Sequence at) {
        switch (entry) {
            case Entry.Flush flush -> tails.merge(flush.stream(), Tail.of(flush.epoch(), flush, at), Tail::and);
            case Entry.CopyBegin begin -> tails.merge(begin.stream(), Tail.of(begin.epoch(), begin, at), Tail::and);
            case Entry.CopyEnd end -> tails.merge(end.stream(), Tail.of(end.epoch(), end, at), Tail::and);
            case Entry.Control other -> {} // belongs to no stream, or does not prove that its source was there
        }
    }

    private Map<String, SavedTail> savedTails() {
        Map<String, SavedTail> all = new TreeMap<>();
        tails.forEach((stream, tail) ->
                all.put(stream.toString(), new SavedTail(tail.epoch().number(), tail.last())));
        return all;
    }

    /** A disk that the ledger knows has a volume already; one that came after the checkpoint may not yet. */
    private static void reopenVolumes(Volumes volumes, Vm vm, Ledger ledger) throws IOException {
        for (Disk disk : vm.disks()) {
            if (ledger.state(disk.id()).isPresent()) {
                volumes.openKnown(disk.id(), disk.sizeBytes());
            } else {
                volumes.open(disk.id(), disk.sizeBytes());
            }
        }
    }

    private static void openVolumes(Volumes volumes, Vm vm) throws IOException {
        for (Disk disk : vm.disks()) {
            volumes.open(disk.id(), disk.sizeBytes());
        }
    }

    private static DurableFile<Saved> fileIn(SmallFiles files) {
        return new DurableFile<>(files, FILE, Saved.class, VmDocument.mapper());
    }

    private static DurableFile<Vm> fileOf(SmallFiles files, VmId vm) {
        return new DurableFile<>(files, nameOf(vm), Vm.class, VmDocument.mapper());
    }

    /** Where a VM is written down beside a checkpoint. */
    public static Path fileOf(Path folder, VmId vm) {
        return folder.resolve(nameOf(vm));
    }

    private static String nameOf(VmId vm) {
        return "vms/" + vm + ".json";
    }
}
