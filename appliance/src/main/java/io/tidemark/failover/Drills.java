package io.tidemark.failover;

import io.tidemark.events.EventLog;
import io.tidemark.intake.ExportTable;
import io.tidemark.journal.VmId;
import io.tidemark.nbd.ExportName;
import io.tidemark.replica.HeldPoint;
import io.tidemark.replica.PointChoice;
import io.tidemark.replica.Replica;
import io.tidemark.vm.Disk;
import io.tidemark.vm.Name;
import io.tidemark.vm.Vm;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.InstantSource;
import java.util.ArrayList;
import java.util.Collection;
import java.util.Comparator;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionException;
import java.util.concurrent.ConcurrentSkipListMap;
import java.util.concurrent.Executor;
import java.util.function.BiFunction;
import java.util.random.RandomGenerator;
import java.util.stream.Stream;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** The drills there are. They end with the process; what they had written is thrown away. Any thread. */
public final class Drills {

    private static final Logger LOG = LoggerFactory.getLogger(Drills.class);

    /** What became of the wish for a drill. */
    public sealed interface Outcome {

        record Started(Drill drill) implements Outcome {}

        /** There is no such consistent point. */
        record NoSuchPoint() implements Outcome {}

        record TooMany(int drillsMax) implements Outcome {}

        /** Nobody could open its disks. */
        record Unreachable(String reason) implements Outcome {}
    }

    private final Path folder;
    private final ExportTable exports;
    private final DrillLog log;
    private final Executor blocking;
    private final RandomGenerator random;
    private final InstantSource clock;
    private final EventLog events;
    private final int drillsMax;
    private final long keptFreeBytes;
    private final Map<String, Drill> drills = new ConcurrentSkipListMap<>();
    private int starting; // guarded by this
    private volatile boolean closed;

    /**
     * Throws away what drills of an earlier life have left in the folder.
     *
     * @param keptFreeBytes what drills leave free on the file system
     */
    public Drills(
            Path folder,
            ExportTable exports,
            DrillLog log,
            Executor blocking,
            RandomGenerator random,
            InstantSource clock,
            EventLog events,
            int drillsMax,
            long keptFreeBytes)
            throws IOException {
        this.folder = folder;
        this.exports = exports;
        this.log = log;
        this.blocking = blocking;
        this.random = random;
        this.clock = clock;
        this.events = events;
        this.drillsMax = drillsMax;
        this.keptFreeBytes = keptFreeBytes;
        Files.createDirectories(folder);
        deleteWhatIsIn(folder);
    }

    /** Starts a drill of a VM at a point; when this completes, its disks can be used. Replication goes on undisturbed. */
    public CompletableFuture<Outcome> start(Replica replica, VmId vm, PointChoice choice) {
        return start((id, end) -> replica.hold(vm, choice, () -> lost(id, end))
                .thenApply(
                        held -> held.map(point -> new Drill.Subject(Optional.empty(), point.hold(), List.of(point)))));
    }

    /** Starts a drill of all VMs of a group at one point of it, or of none; when this completes, their disks can be used. */
    public CompletableFuture<Outcome> start(Replica replica, Name group, PointChoice choice) {
        return start((id, end) -> replica.hold(group, choice, () -> lost(id, end))
                .thenApply(held -> held.map(all -> new Drill.Subject(Optional.of(group), all.hold(), all.vms()))));
    }

    private CompletableFuture<Outcome> start(
            BiFunction<String, DrillEnd, CompletableFuture<Optional<Drill.Subject>>> hold) {
        if (!reserve()) {
            return CompletableFuture.completedFuture(new Outcome.TooMany(drillsMax));
        }
        String id = "drill-%08x".formatted(random.nextInt());
        DrillEnd end = new DrillEnd();
        return hold.apply(id, end)
                .thenApplyAsync(
                        held -> held.map(subject -> mountFor(id, subject, end)).orElseGet(Outcome.NoSuchPoint::new),
                        blocking)
                .whenComplete((outcome, failure) -> started());
    }

    public Collection<Drill> all() {
        return List.copyOf(drills.values());
    }

    public Optional<Drill> find(String id) {
        return Optional.ofNullable(drills.get(id));
    }

    /** Ends a drill and throws away what it has written; false if there is none of this id. */
    public boolean delete(String id, Verdict verdict) {
        Drill drill = drills.remove(id);
        if (drill != null) {
            end(drill, "the drill was deleted", verdict);
            drill.subject().hold().close();
        }
        return drill != null;
    }

    /** Ends all of them, and those that are being started. */
    public void close() {
        closed = true;
        List.copyOf(drills.keySet()).forEach(this::interrupt);
    }

    private void interrupt(String id) {
        delete(id, Verdict.INTERRUPTED);
    }

    private synchronized boolean reserve() {
        boolean room = !closed && drills.size() + starting < drillsMax;
        starting += room ? 1 : 0;
        return room;
    }

    private synchronized void started() {
        starting--;
    }

    private Outcome mountFor(String id, Drill.Subject subject, DrillEnd end) {
        for (HeldPoint point : subject.points()) {
            Vm vm = point.point().vm();
            Optional<String> objection = exports.objection(vm.clients().drills());
            if (objection.isPresent()) {
                subject.hold().close();
                return new Outcome.Unreachable("the drills of VM " + vm.name()
                        + " are for clients by their names, and none could open this one: " + objection.get());
            }
        }
        return new Outcome.Started(mount(id, subject, end));
    }

    private Drill mount(String id, Drill.Subject subject, DrillEnd end) {
        List<Drill.Mounted> mounted = new ArrayList<>();
        try {
            for (HeldPoint point : subject.points()) {
                String prefix = subject.group().isPresent()
                        ? id + "/" + point.point().vm().name()
                        : id;
                for (Disk disk : point.point().vm().disks()) {
                    mounted.add(mount(id, prefix + "/" + disk.name(), point, disk, end));
                }
            }
        } catch (IOException | RuntimeException e) {
            mounted.forEach(each -> discard(each.scratch()));
            subject.hold().close();
            throw new CompletionException(
                    "drill of " + subject.text() + " at record "
                            + subject.hold().point(),
                    e);
        }
        Drill drill = new Drill(id, subject, clock.instant(), mounted, end);
        drills.put(id, drill);
        mounted.forEach(each ->
                exports.add(each.export(), each.point().point().vm().clients().drills()));
        log.started(id, subject.points(), drill.started());
        events.info(
                "drill-started",
                id,
                subject.text() + " at record " + subject.hold().point());
        if (closed) {
            interrupt(id);
        } else {
            end.reason().ifPresent(why -> end(drill, why, lost(why))); // its point was given up meanwhile
        }
        return drill;
    }

    private Drill.Mounted mount(String id, String export, HeldPoint point, Disk disk, DrillEnd end) throws IOException {
        PointDisk below = new PointDisk(disk.id(), point.content(), disk.sizeBytes());
        Scratch scratch =
                new Scratch(folder.resolve(id + "-" + disk.id() + ".scratch"), disk.sizeBytes(), keptFreeBytes);
        ExportName name = new ExportName(export);
        RecoveryExport found = new RecoveryExport(
                name,
                "disk " + disk.name() + " of VM " + point.point().vm().name() + " at record "
                        + point.point().sequence(),
                disk.sizeBytes(),
                new RecoveryDisk(below, scratch),
                blocking,
                end::reason);
        return new Drill.Mounted(point, new Drill.DrillDisk(disk, name.text()), found, scratch);
    }

    /** Whoever reads its disks from now on is told so, even if they are still being made. */
    private void lost(String id, DrillEnd end) {
        String why = "its recovery point was given up, since the replica had no more room";
        end.because(why);
        events.error("drill-lost", id, why);
        find(id).ifPresent(drill -> end(drill, why, lost(why)));
    }

    private static Verdict lost(String why) {
        return new Verdict(Verdict.Result.INTERRUPTED, why);
    }

    private void end(Drill drill, String why, Verdict verdict) {
        drill.end().because(why);
        if (drill.takeApart()) {
            drill.mounted().forEach(each -> exports.remove(each.export()));
            blocking.execute(() -> drill.mounted().forEach(each -> discard(each.scratch())));
            log.ended(drill.id(), clock.instant(), verdict);
            events.info("drill-ended", drill.id(), why);
        }
    }

    private static void discard(Scratch scratch) {
        try {
            scratch.close();
        } catch (IOException e) {
            LOG.warn("a scratch area cannot be removed: {}", e.toString());
        }
    }

    /** The folder itself stays: on a full disk it could not be made again. */
    private static void deleteWhatIsIn(Path folder) throws IOException {
        try (Stream<Path> all = Files.walk(folder)) {
            for (Path each : all.sorted(Comparator.reverseOrder()).toList()) {
                if (!each.equals(folder)) {
                    Files.delete(each);
                }
            }
        }
    }
}
