package io.tidemark.intake;

import io.tidemark.journal.Epoch;
import io.tidemark.journal.Journal;
import io.tidemark.journal.Sequence;
import io.tidemark.journal.StreamId;
import io.tidemark.journal.Tail;
import io.tidemark.journal.VmId;
import io.tidemark.vm.Disk;
import io.tidemark.vm.Ledger;
import io.tidemark.vm.Standing;
import io.tidemark.vm.StreamState;
import io.tidemark.vm.Vm;
import io.tidemark.volume.Volume;
import io.tidemark.volume.Volumes;
import java.io.IOException;
import java.util.Collection;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.Optional;
import java.util.function.LongSupplier;

/** The streams of one journal. The owner's. */
final class Streams {

    private final Journal journal;
    private final Ledger ledger;
    private final Volumes volumes;
    private final LongSupplier nanoTime;
    private final Map<StreamId, Tail> tails;
    private final Map<StreamId, Stream> streams = new LinkedHashMap<>();
    private final Map<VmId, Exposure> exposures = new HashMap<>();

    /** @param tails of the life before, as far as the journal may not have their records any more */
    Streams(Journal journal, Ledger ledger, Map<StreamId, Tail> tails, Volumes volumes, LongSupplier nanoTime) {
        this.journal = journal;
        this.ledger = ledger;
        this.volumes = volumes;
        this.nanoTime = nanoTime;
        this.tails = new HashMap<>(tails);
        journal.tails().forEach((stream, tail) -> this.tails.merge(stream, tail, Tail::and));
    }

    /** Takes up the VM as it is now: adds streams, with their volumes, and changes those known. */
    void take(Vm vm) throws IOException {
        for (Disk disk : vm.disks()) {
            Stream known = streams.get(disk.id());
            if (known == null) {
                streams.put(disk.id(), streamOf(vm, disk));
            } else {
                known.redefine(disk, journal.appended());
            }
        }
    }

    /** Forgets a stream. */
    void remove(StreamId stream) {
        streams.remove(stream);
    }

    /** Forgets what is known of a VM as a whole. */
    void forget(VmId vm) {
        exposures.remove(vm);
    }

    Collection<Stream> all() {
        return streams.values();
    }

    Optional<Stream> find(StreamId stream) {
        return Optional.ofNullable(streams.get(stream));
    }

    /** How old the oldest write of the VM is that is in no point. */
    Exposure exposure(VmId vm) {
        return exposures.computeIfAbsent(vm, id -> new Exposure(nanoTime));
    }

    Collection<Exposure> exposures() {
        return exposures.values();
    }

    /** The state of a stream; every stream here has one. */
    StreamState state(Stream stream) {
        return ledger.state(stream.id()).orElseThrow();
    }

    /** The VM of an entry's stream gets a point there, if it is consistent. */
    void pointAt(Sequence at, Stream stream) {
        ledger.vmOf(stream.id()).ifPresent(vm -> pointAt(at, vm));
    }

    /** The VM gets a point there, if it is consistent. */
    void pointAt(Sequence at, Vm vm) {
        if (ledger.standing(vm) instanceof Standing.Consistent) {
            exposure(vm.id()).pointAt(at);
        }
    }

    /** The newest record of the journal. */
    Sequence appended() {
        return journal.appended();
    }

    Ledger ledger() {
        return ledger;
    }

    private Stream streamOf(Vm vm, Disk disk) throws IOException {
        Volume volume = volumes.open(disk.id(), disk.sizeBytes());
        Tail tail = tails.get(disk.id());
        if (tail == null) {
            return new Stream(disk, volume, exposure(vm.id()), Epoch.FIRST, journal.appended());
        }
        boolean silent = tail.last().equals(Sequence.NONE);
        Sequence evidence = silent ? journal.appended() : tail.last();
        Stream stream = new Stream(disk, volume, exposure(vm.id()), tail.epoch().next(), evidence);
        boolean ended = silent
                || ledger.epochEnd(disk.id())
                        .filter(end -> !end.isBefore(tail.last()))
                        .isPresent();
        if (!ended) {
            stream.goOn();
        }
        return stream;
    }
}
