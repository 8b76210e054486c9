package io.tidemark.sim;

import io.tidemark.events.EventLog;
import io.tidemark.journal.InMemoryJournal;
import io.tidemark.journal.Incarnation;
import io.tidemark.journal.JournalId;
import io.tidemark.journal.Sequence;
import io.tidemark.link.Lineage;
import io.tidemark.replica.Beginnings;
import io.tidemark.replica.Provenance;
import io.tidemark.replica.Replica;
import io.tidemark.replica.ReplicaSettings;
import io.tidemark.volume.VolumeStore;
import java.time.Duration;
import java.util.List;
import java.util.Optional;
import java.util.UUID;
import java.util.function.Supplier;

/** One life of the replica's process. */
final class SimulatedReplica {

    /**
     * What it has to do with other sites.
     *
     * @param journal that is received
     * @param site it comes from
     * @param promoted the oldest record that something is promoted from and still needs
     */
    record Place(
            JournalId journal,
            String site,
            VolumeStore volumes,
            Beginnings beginnings,
            Supplier<Optional<Sequence>> promoted) {

        /** Roles never change. */
        static Place alone(VolumeStore volumes) {
            return new Place(SimulatedSource.JOURNAL, "source", volumes, Beginnings.NOTHING, Optional::empty);
        }
    }

    private final SimulatedDisk disk;
    private final Place place;
    private final SimulatedThread owner;
    private final SimulatedThread applying;
    private final SimulatedThread readers;
    private final Replica replica;
    private InMemoryJournal journal;

    SimulatedReplica(Scheduler scheduler, SimulatedProcess process, SimulatedDisk disk, Place place, Duration window) {
        this.disk = disk;
        this.place = place;
        owner = process.thread("replica");
        applying = process.thread("fold");
        readers = process.pool("drill");
        journal = openJournal(scheduler);
        replica = new Replica(
                new Replica.Parts(
                        new Provenance(Lineage.whole(place.journal()), place.site(), 1),
                        disk.files(),
                        place.volumes(),
                        owner,
                        lineage -> journal = openJournal(scheduler),
                        place.beginnings(),
                        place.promoted(),
                        applying,
                        readers,
                        new EventLog(scheduler::wall),
                        scheduler::nanoTime),
                new ReplicaSettings(window, 1L << 30, 64 << 20, Duration.ofMillis(10), 1L << 30, 1L << 30, 1),
                SimulatedSource.APPLY);
        var unused = replica.open().whenComplete((opened, failure) -> failed(failure));
    }

    /** Who listens to those that ship to it. */
    SimulatedLink.Receiver receiver() {
        return new SimulatedLink.Receiver(owner, replica);
    }

    Replica replica() {
        return replica;
    }

    InMemoryJournal journal() {
        return journal;
    }

    SimulatedThread readers() {
        return readers;
    }

    boolean lives() {
        return !disk.dying();
    }

    /** Whether a force has failed, so that somebody has to start it again. */
    boolean failed() {
        return disk.failed() || journal.fault().isPresent();
    }

    void kill() {
        journal.kill();
    }

    /** Ends in good order. */
    void stop() {
        List.of(readers, owner, applying).forEach(SimulatedThread::runAtOnce);
        replica.close();
    }

    private InMemoryJournal openJournal(Scheduler scheduler) {
        return new InMemoryJournal(
                disk.journal(),
                new InMemoryJournal.Settings(
                        place.journal(),
                        true,
                        new Incarnation(scheduler.random().nextLong()),
                        new UUID(5, 6),
                        scheduler.upTo(Duration.ofMillis(6)),
                        1L << 30),
                owner,
                scheduler::wall);
    }

    private void failed(@org.jspecify.annotations.Nullable Throwable failure) {
        if (failure != null && lives() && !failed()) {
            throw new Violation("I9", "the replica cannot be opened: " + failure);
        }
    }
}
