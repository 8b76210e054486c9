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
import java.util.Map;
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
        Failover promoted = files.write(begun.promoted(received));
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
        setAside(promoted);
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
        setAside(promoted); // what has come since; from here on the replica may fold it
        files.write(promoted.plain());
        promoted.vm().disks().forEach(disk -> layered.remove(disk.id()));
        events.info(
                "failover-plain",
                promoted.vm().name().text(),
                "its disks are here as a whole; nothing of the replica is needed any more");
    }

    /** Which blocks the old source has changed behind the point, as far as that is known here: durable on return. */
    private void setAside(Failover promoted) throws IOException {
        PointView view = viewOf(promoted);
        for (Disk disk : promoted.from().disks()) {
            DirtyBlocks changed = new DirtyBlocks(disk.sizeBytes());
            view.behind().touched(disk.id(), changed::mark);
            aside.write(disk.id(), changed);
        }
    }

    private PointView viewOf(Failover failover) throws IOException {
        return replica(failover)
                .view(failover.point())
                .join()
                .orElseThrow(() -> new IOException("replica " + failover.replica() + " is not open"));
    }

    private Replica replica(Failover failover) throws IOException {
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
