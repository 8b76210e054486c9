package io.tidemark.failover;

import io.tidemark.journal.Extent;
import io.tidemark.journal.JournalId;
import io.tidemark.journal.Sequence;
import io.tidemark.journal.StreamId;
import io.tidemark.journal.VmId;
import io.tidemark.resync.DirtyBlocks;
import io.tidemark.state.FolderFiles;
import io.tidemark.term.Common;
import io.tidemark.vm.Disk;
import io.tidemark.vm.Vm;
import io.tidemark.volume.Volume;
import io.tidemark.volume.VolumeFolder;
import io.tidemark.volume.VolumeStore;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.file.Path;
import java.util.HashMap;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.UUID;
import java.util.function.BiConsumer;

/** Keeps the volumes of the VMs that it takes. */
final class StagedHome implements Home {

    final Map<VmId, Vm> taken = new LinkedHashMap<>();
    private final Map<StreamId, Volume> volumes = new LinkedHashMap<>();
    private Optional<VolumeStore> store = Optional.empty();
    Runnable onTake = () -> {};
    int failures;
    final Map<VmId, Map<StreamId, DirtyBlocks>> lacking = new LinkedHashMap<>();
    final Set<VmId> released = new HashSet<>();
    Sequence copiedAgain = Sequence.NONE;
    Runnable onRelease = () -> {};
    Runnable onRead = () -> {};
    final Map<VmId, Vm> shipped = new HashMap<>();
    final Map<VmId, Vm> received = new HashMap<>();
    final Map<StreamId, byte[]> contents = new HashMap<>();
    Optional<Sequence> end = Optional.empty();
    final Map<VmId, String> objections = new HashMap<>();
    private final Path folder;
    private long disks = 70;

    StagedHome(Path folder) {
        this.folder = folder;
    }

    /** As a journal does, it opens the volumes of the VMs that it has. */
    void open(Failovers by) throws IOException {
        store = Optional.of(
                by.volumes(new VolumeFolder(folder.resolve("volumes")), new FolderFiles(folder.resolve("layers"))));
        for (Vm vm : taken.values()) {
            for (Disk disk : vm.disks()) {
                volume(disk.id(), disk.sizeBytes());
            }
        }
    }

    void close() throws IOException {
        for (Volume volume : volumes.values()) {
            volume.force();
            volume.close();
        }
        volumes.clear();
    }

    byte[] read(StreamId stream, long sizeBytes) throws IOException {
        ByteBuffer bytes = ByteBuffer.allocate((int) sizeBytes);
        volume(stream, sizeBytes).read(0, bytes);
        return bytes.array();
    }

    @Override
    public Optional<String> objection(String peer, Vm vm, boolean comesBack) {
        return Optional.ofNullable(objections.get(vm.id()));
    }

    @Override
    public StreamId newDisk() {
        return new StreamId(new UUID(5, ++disks));
    }

    @Override
    public boolean has(VmId vm) {
        return taken.containsKey(vm);
    }

    @Override
    public void take(String peer, Vm vm) throws IOException {
        onTake.run();
        vm.disks().forEach(disk -> {
            try {
                volume(disk.id(), disk.sizeBytes());
            } catch (IOException e) {
                throw new AssertionError(e);
            }
        });
        if (failures-- > 0) {
            throw new IOException("no room");
        }
        taken.put(vm.id(), vm);
    }

    @Override
    public void lacking(String peer, Vm vm, Map<StreamId, DirtyBlocks> blocks) throws IOException {
        if (failures-- > 0) {
            throw new IOException("no room");
        }
        lacking.put(vm.id(), blocks);
    }

    @Override
    public void release(String peer, Vm vm) {
        onRelease.run();
        released.add(vm.id());
    }

    @Override
    public Sequence copyAgain(String peer, Vm vm) {
        copiedAgain = copiedAgain.next();
        return copiedAgain;
    }

    @Override
    public Optional<Vm> shipped(String peer, VmId vm) {
        return Optional.ofNullable(shipped.get(vm)).or(() -> Optional.ofNullable(taken.get(vm)));
    }

    @Override
    public Optional<Vm> received(String peer, VmId vm) {
        return Optional.ofNullable(received.get(vm));
    }

    @Override
    public void read(String peer, StreamId disk, Extent extent, ByteBuffer into) throws IOException {
        into.put(content(disk), (int) extent.offset(), (int) extent.length());
        onRead.run();
    }

    @Override
    public void allocation(String peer, StreamId disk, Extent extent, BiConsumer<Extent, Boolean> visitor)
            throws IOException {
        visitor.accept(extent, content(disk)[0] != 0);
    }

    @Override
    public Optional<Common> end(String peer, Vm vm, StreamId first) {
        return end.map(last -> new Common(first, new JournalId(new UUID(7, 8)), last, 77));
    }

    private byte[] content(StreamId disk) throws IOException {
        byte[] content = contents.get(disk);
        if (content == null) {
            throw new IOException("disk " + disk + " is not here any more");
        }
        return content;
    }

    private Volume volume(StreamId stream, long sizeBytes) throws IOException {
        Volume known = volumes.get(stream);
        if (known == null) {
            known = store.orElseThrow().open(stream, sizeBytes);
            volumes.put(stream, known);
        }
        return known;
    }
}
