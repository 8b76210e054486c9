package io.tidemark.failover;

import io.tidemark.journal.StreamId;
import io.tidemark.journal.VmId;
import io.tidemark.state.DurableFile;
import io.tidemark.state.SmallFiles;
import io.tidemark.vm.VmDocument;
import java.io.IOException;
import java.util.Collection;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.ConcurrentHashMap;
import java.util.function.UnaryOperator;

/** What the disks of each VM begin with that comes back, one file a VM. What is found here is durable. Any thread. */
final class FootingFiles {

    private static final String FOLDER = "bases";
    private static final String SUFFIX = ".json";

    private final SmallFiles files;
    private final Map<VmId, Footing> known = new ConcurrentHashMap<>();

    /** Reads what earlier lives have left. One that cannot be read keeps the site from starting: a disk may rest on it. */
    FootingFiles(SmallFiles files) throws IOException {
        this.files = files;
        for (String name : files.names(FOLDER)) {
            if (name.endsWith(SUFFIX)) {
                Footing base = file(name).read().orElseThrow();
                known.put(base.vm().id(), base);
            }
        }
    }

    Collection<Footing> all() {
        return List.copyOf(known.values());
    }

    Optional<Footing> find(VmId vm) {
        return Optional.ofNullable(known.get(vm));
    }

    /** The one of a disk that is received. */
    Optional<Footing> of(StreamId disk) {
        return known.values().stream().filter(base -> base.vm().has(disk)).findFirst();
    }

    /** Durable on return, and found from then on. */
    synchronized Footing write(Footing base) throws IOException {
        fileOf(base.vm().id()).write(base);
        known.put(base.vm().id(), base);
        return base;
    }

    /** Changes one that is in that stage, unless it is gone or another has taken its place. Durable on return. */
    synchronized Optional<Footing> update(Footing before, UnaryOperator<Footing> change) throws IOException {
        Optional<Footing> now = find(before.vm().id())
                .filter(base ->
                        base.stage() == before.stage() && base.firstDisk().equals(before.firstDisk()));
        return now.isPresent() ? Optional.of(write(change.apply(now.get()))) : Optional.empty();
    }

    /** Forgotten, durably on return. */
    synchronized void delete(VmId vm) throws IOException {
        fileOf(vm).delete();
        known.remove(vm);
    }

    private DurableFile<Footing> fileOf(VmId vm) {
        return file(FOLDER + "/" + vm + SUFFIX);
    }

    private DurableFile<Footing> file(String name) {
        return new DurableFile<>(files, name, Footing.class, VmDocument.mapper());
    }
}
