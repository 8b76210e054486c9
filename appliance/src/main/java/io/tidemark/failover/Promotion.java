package io.tidemark.failover;

import io.tidemark.events.EventLog;
import io.tidemark.journal.Fault;
import io.tidemark.journal.JournalId;
import io.tidemark.journal.Sequence;
import io.tidemark.journal.StreamId;
import io.tidemark.replica.PointView;
import io.tidemark.replica.Replica;
import io.tidemark.resync.DirtyBlocks;
import io.tidemark.resync.DirtyFiles;
import io.tidemark.term.Tenure;
import io.tidemark.vm.Disk;
import java.io.IOException;
import java.util.HashMap;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;
import java.util.function.BooleanSupplier;
import java.util.function.Function;

/** The steps that make this site the source of a VM, each of which can be done again. Calls block. */
final class Promotion {

    /** How much comes up while a write may wait for it. */
    private static final int COPY_BYTES = 1 << 20;

    private final FailoverFiles files;
    private final DirtyFiles aside;
    private final Roles roles;
    private final EventLog events;
    private final Function<JournalId, Optional<Replica>> replicas;
    private final Home home;
    private final Map<StreamId, LayeredVolume> layered;

    /** @param aside keeps which blocks the old source has changed behind the point */
    Promotion(
            FailoverFiles files,
            DirtyFiles aside,
            Roles roles,
            EventLog events,
            Function<JournalId, Optional<Replica>> replicas,
            Home home,
            Map<StreamId, LayeredVolume> layered) {
        this.files = files;
        this.aside = aside;
        this.roles = roles;
        this.events = events;
        this.replicas = replicas;
        this.home = home;
        this.layered = layered;
    }

    /** From Begun to Promoted: the VM's disks can be used on return. Or to Refused, when another site has a term that is newer. */
    Failover promote(Failover begun) throws IOException {
        String name = begun.vm().name().text();
        Tenure tenure = roles.promote(begun.vm().id(), begun.peer(), begun.term());
        if (!(tenure instanceof Tenure.Held held) || held.term().number() != begun.term()) {
            String why = tenure.fence().orElse("this site is its source in term " + tenure.number());
            events.error("failover-refused", name, why);
            return files.write(begun.refused(why));
        }
        Sequence received = replica(begun).status().join().durable();
        home.take(begun.peer(), begun.vm());
        Failover promoted = files.update(begun, now -> now.promoted(received)).orElseThrow();
        events.warn(
                "failover-promoted",
                name,
                "this site is its source in term " + begun.term() + ", from record " + begun.point() + " on; "
                        + received.recordsSince(begun.point()) + " records of "
                        + begun.peer() + " behind that are set aside");
        return promoted;
    }

    /** From Promoted to Plain: what is still under its disks is copied. Ends early when {@code closed}. */
    void copyUp(Failover promoted, BooleanSupplier closed) throws IOException {
        for (Disk disk : promoted.vm().disks()) {
            LayeredVolume volume = layered.get(disk.id());
            if (volume == null) {
                throw new Fault("disk " + disk.id() + " of a promoted VM is not open");
            }
            for (long done = 0; done < disk.sizeBytes(); ) {
                if (closed.getAsBoolean() || !home.has(promoted.vm().id())) {
                    return;
                }
                done = volume.copyUp(done, COPY_BYTES);
            }
            volume.becomePlain();
        }
        Sequence upTo = setAside(promoted); // from here on the replica may fold it
        files.update(promoted, now -> now.plain(upTo));
        promoted.vm().disks().forEach(disk -> layered.remove(disk.id()));
        events.info(
                "failover-plain",
                promoted.vm().name().text(),
                "its disks are here as a whole; nothing of the replica is needed any more");
    }

    /** Which blocks the old source has changed behind the point, up to the record that is returned: durable on return. */
    private Sequence setAside(Failover promoted) throws IOException {
        Sequence durable = replica(promoted).status().join().durable();
        for (Map.Entry<StreamId, DirtyBlocks> each :
                changed(promoted, promoted.point(), durable).entrySet()) {
            aside.write(each.getKey(), each.getValue());
        }
        return durable;
    }

    /** Which blocks the old source has changed behind the point, up to a record that is here, by its disks. */
    Map<StreamId, DirtyBlocks> changedByOldSource(Failover promoted, Sequence upTo) throws IOException {
        if (promoted.stage() != Failover.Stage.PLAIN) {
            return changed(promoted, promoted.point(), upTo);
        }
        Map<StreamId, DirtyBlocks> all = changed(promoted, promoted.aside(), Sequence.later(promoted.aside(), upTo));
        for (Disk disk : promoted.from().disks()) {
            blocksOf(all, disk)
                    .add(aside.find(disk.id(), disk.sizeBytes())
                            .orElseThrow(
                                    () -> new IOException("what was set aside of disk " + disk.name() + " is gone")));
        }
        return all;
    }

    private Map<StreamId, DirtyBlocks> changed(Failover promoted, Sequence after, Sequence upTo) throws IOException {
        Map<StreamId, DirtyBlocks> all = new HashMap<>();
        promoted.from().disks().forEach(disk -> all.put(disk.id(), new DirtyBlocks(disk.sizeBytes())));
        replica(promoted)
                .passage()
                .join()
                .orElseThrow(() -> new IOException("replica " + promoted.replica() + " is not open"))
                .changes(after, upTo, (stream, extent) -> Optional.ofNullable(all.get(stream))
                        .ifPresent(blocks -> blocks.mark(extent)));
        return all;
    }

    private static DirtyBlocks blocksOf(Map<StreamId, DirtyBlocks> all, Disk disk) {
        return Objects.requireNonNull(all.get(disk.id()), "a disk of the VM");
    }

    private PointView viewOf(Failover failover) throws IOException {
        return replica(failover)
                .view(failover.point())
                .join()
                .orElseThrow(() -> new IOException("replica " + failover.replica() + " is not open"));
    }

    Replica replica(Failover failover) throws IOException {
        return replicas.apply(failover.replica())
                .orElseThrow(() -> new IOException("there is no replica " + failover.replica()));
    }

    /** What a disk stands on, looked up when it is first needed. */
    LayeredVolume.Below below(Failover failover, StreamId stream) {
        return new LayeredVolume.Below() {

            private Optional<PointDisk> found = Optional.empty(); // guarded by this

            @Override
            public synchronized PointDisk disk() throws IOException {
                if (found.isEmpty()) {
                    long size = failover.vm().disk(stream).orElseThrow().sizeBytes();
                    found = Optional.of(new PointDisk(failover.under(stream), viewOf(failover), size));
                }
                return found.get();
            }
        };
    }
}
