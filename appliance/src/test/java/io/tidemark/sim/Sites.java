package io.tidemark.sim;

import io.tidemark.intake.LifeBefore;
import io.tidemark.journal.Fault;
import io.tidemark.journal.JournalRecord;
import io.tidemark.ship.BacklogLimit;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.time.Duration;
import java.util.Optional;
import java.util.UUID;
import java.util.concurrent.CompletionException;
import java.util.function.Consumer;

/** The two sites: their disks, the processes on them, and the link between them. */
final class Sites {

    private static final int ONE_IN_STARTS_DIES = 4;
    private static final int STEPS_OF_A_START = 20;

    /**
     * The limits of the two.
     *
     * @param quotaBytes of the source's journal
     * @param backlog when what the replica does not take is given up
     * @param window of the replica
     */
    record Limits(long quotaBytes, BacklogLimit backlog, Duration window) {}

    private final Simulation world;
    private final Scheduler scheduler;
    private final Limits limits;
    private final SimulatedDisk sourceDisk;
    private final SimulatedDisk replicaDisk;
    private final SimulatedLink link;
    private SimulatedProcess sourceProcess;
    private SimulatedProcess replicaProcess;
    private Optional<SimulatedSource> source = Optional.empty();
    private Optional<SimulatedReplica> replica = Optional.empty();
    private long boots = 1;

    Sites(Simulation world, Scheduler scheduler, Limits limits) {
        this.world = world;
        this.scheduler = scheduler;
        this.limits = limits;
        this.sourceDisk = new SimulatedDisk(scheduler.random());
        this.replicaDisk = new SimulatedDisk(scheduler.random());
        this.link = new SimulatedLink(scheduler, world.trace());
        this.sourceProcess = new SimulatedProcess(scheduler);
        this.replicaProcess = new SimulatedProcess(scheduler);
    }

    /** Tells of every record that either journal takes. */
    void watch(Consumer<JournalRecord> appended, Consumer<JournalRecord> received) {
        sourceDisk.journal().watch(appended);
        replicaDisk.journal().watch(received);
    }

    Optional<SimulatedSource> source() {
        return source;
    }

    Optional<SimulatedReplica> replica() {
        return replica;
    }

    SimulatedDisk sourceDisk() {
        return sourceDisk;
    }

    SimulatedDisk replicaDisk() {
        return replicaDisk;
    }

    SimulatedLink link() {
        return link;
    }

    /** Nothing fails any more. */
    void repair() {
        sourceDisk.repair();
        replicaDisk.repair();
        source.ifPresent(site -> site.journal().repair());
        replica.ifPresent(site -> site.journal().repair());
        link.up(true);
    }

    /** Starts what is down, or has failed, if somebody has seen that by now; false if not. */
    boolean start() throws IOException {
        if (source.isEmpty() && (world.calm() || world.oneIn(15))) {
            startSource();
        } else if (replica.isEmpty() && (world.calm() || world.oneIn(15))) {
            startReplica();
        } else if (source.filter(SimulatedSource::failed).isPresent() && (world.calm() || world.oneIn(30))) {
            startAgain(this::stopSource, this::endSource);
        } else if (replica.filter(SimulatedReplica::failed).isPresent() && (world.calm() || world.oneIn(30))) {
            startAgain(this::stopReplica, this::endReplica);
        } else {
            return false;
        }
        return true;
    }

    /** Ends the process that was to die in the middle of something, and did. */
    void endWhatDies() {
        if (sourceDisk.dying()) {
            endSource(world.oneIn(2));
        }
        if (replicaDisk.dying()) {
            endReplica(world.oneIn(2));
        }
    }

    /** A person has seen that a site has failed, and starts it again; another process does, after this. */
    private void startAgain(Runnable stop, Consumer<Boolean> end) {
        if (world.oneIn(2)) {
            stop.run();
        } else {
            end.accept(false);
        }
    }

    private void startSource() throws IOException {
        begin(sourceDisk);
        sourceProcess = new SimulatedProcess(scheduler);
        UUID boot = new UUID(3, boots);
        LifeBefore before = world.history().lifeBefore(boot);
        world.trace().add(Trace.Word.START_SOURCE, before.name().length(), before::name);
        try {
            source = Optional.of(new SimulatedSource(
                    scheduler,
                    sourceProcess,
                    sourceDisk,
                    world.trace(),
                    SimulatedSource.Place.alone(link),
                    before,
                    boot,
                    limits.quotaBytes(),
                    limits.backlog()));
        } catch (IOException | UncheckedIOException e) {
            if (!sourceDisk.failed()) {
                throw e;
            }
            endSource(false);
        }
    }

    private void startReplica() {
        begin(replicaDisk);
        replicaProcess = new SimulatedProcess(scheduler);
        world.trace().add(Trace.Word.START_REPLICA, 0, () -> "");
        replica = Optional.of(new SimulatedReplica(
                scheduler, replicaProcess, replicaDisk, SimulatedReplica.Place.alone(replicaDisk), limits.window()));
        link.receivedBy(replica.get().receiver());
    }

    /** Another process uses the disk; it may die before it has come far. */
    private void begin(SimulatedDisk disk) {
        disk.begin();
        if (!world.calm() && world.oneIn(ONE_IN_STARTS_DIES)) {
            disk.dieAfter(1 + world.random().nextInt(STEPS_OF_A_START));
        }
    }

    void endSource(boolean power) {
        world.trace()
                .add(
                        power ? Trace.Word.POWER_CUT_SOURCE : Trace.Word.KILL_SOURCE,
                        world.history().last().number(),
                        () -> "");
        boolean forgets =
                source.filter(site -> site.journal().fault().isPresent()).isPresent()
                        && sourceDisk
                                .files()
                                .has("possible-loss") // else nobody would hear of it, which is the limit of what can
                        // be promised
                        && world.oneIn(2);
        link.senderDied();
        source.ifPresent(SimulatedSource::kill);
        sourceProcess.end();
        source = Optional.empty();
        sourceDisk.begin();
        if (power) {
            boots++;
            sourceDisk.cutPower();
        } else if (forgets) {
            sourceDisk.journal().cutPower(world.random().nextInt(4));
        }
        world.history().forgetBehind(sourceDisk.journal().last());
        world.sourceDied(power || forgets);
    }

    void endReplica(boolean power) {
        world.trace().add(power ? Trace.Word.POWER_CUT_REPLICA : Trace.Word.KILL_REPLICA, 0, () -> "");
        boolean forgets =
                replica.filter(site -> site.journal().fault().isPresent()).isPresent() && world.oneIn(2);
        link.receiverDied();
        replica.ifPresent(SimulatedReplica::kill);
        replicaProcess.end();
        replica = Optional.empty();
        replicaDisk.begin();
        if (power) {
            replicaDisk.cutPower();
        } else if (forgets) {
            replicaDisk.journal().cutPower(world.random().nextInt(4));
        }
        world.replicaHas(replicaDisk.journal().last());
    }

    /** In good order, if it lives long enough for that. */
    void stopSource() {
        world.trace().add(Trace.Word.STOP_SOURCE, 0, () -> "");
        world.sourceStops();
        try {
            source.orElseThrow().stop();
        } catch (Fault died) {
            if (!sourceDisk.dying() && !source.orElseThrow().failed()) {
                throw died;
            }
        }
        if (!sourceDisk.dying()) {
            link.senderDied();
            sourceProcess.end();
            source = Optional.empty();
            world.sourceDied(false);
        }
    }

    void stopReplica() {
        world.trace().add(Trace.Word.STOP_REPLICA, 0, () -> "");
        link.receiverDied();
        try {
            replica.orElseThrow().stop();
        } catch (CompletionException | Fault died) {
            if (!replicaDisk.dying() && !replica.orElseThrow().failed()) {
                throw died;
            }
        }
        if (!replicaDisk.dying()) {
            replicaProcess.end();
            replica = Optional.empty();
        }
    }
}
