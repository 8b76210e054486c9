package io.tidemark.replica;

import io.tidemark.journal.AppendOutcome;
import io.tidemark.journal.Entry;
import io.tidemark.journal.Fault;
import io.tidemark.journal.Incarnation;
import io.tidemark.journal.InvalidRange;
import io.tidemark.journal.Journal;
import io.tidemark.journal.Mark;
import io.tidemark.journal.Range;
import io.tidemark.journal.Sequence;
import io.tidemark.journal.VmId;
import io.tidemark.link.Resume;
import io.tidemark.state.Checkpoint;
import io.tidemark.state.SmallFiles;
import io.tidemark.vm.Disk;
import io.tidemark.vm.GroupLog;
import io.tidemark.vm.GroupPoint;
import io.tidemark.vm.Ledger;
import io.tidemark.vm.PointLog;
import io.tidemark.vm.RecoveryPoint;
import io.tidemark.vm.Standing;
import io.tidemark.vm.Vm;
import io.tidemark.volume.Applier;
import io.tidemark.volume.ApplySettings;
import io.tidemark.volume.UnfitVolume;
import io.tidemark.volume.VolumeStore;
import io.tidemark.volume.Volumes;
import java.io.IOException;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayDeque;
import java.util.Deque;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.ScheduledExecutorService;
import java.util.function.Consumer;
import java.util.function.LongSupplier;
import java.util.stream.Stream;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * One received journal: its records, what is known from them, and the volumes that follow at the floor. The owner's.
 *
 * <p>What is offered is durable here: ledger and points are those of the newest durable record.
 */
final class ReplicaStore {

    /** The ages of what was received that a crash may forget: it then stays in the window for as much longer. */
    private static final Duration AGES_SAVED_EVERY = Duration.ofMinutes(1);

    private static final Logger LOG = LoggerFactory.getLogger(ReplicaStore.class);

    private final Provenance provenance;
    private final Journal journal;
    private final Volumes volumes;
    private final Beginnings beginnings;
    private final FloorFile file;
    private final Ledger ledger;
    private final PointLog points;
    private final GroupLog groups;
    private final Pins pins;
    private final Applier applier;
    private final RecoveryWindow window;
    private Sequence floor;
    private List<FloorFile.Point> atFloor;
    private Sequence seen;
    private final Deque<Received> notDurable = new ArrayDeque<>(); // bounded by the link's credit
    private final LongSupplier nanoTime;
    private long savedNanos;

    /** A range that was appended: up to which record, and how large. */
    private record Received(Sequence last, long bytes) {}

    /**
     * What a replica keeps beside its journal.
     *
     * @param files its checkpoint, its VMs and its floor
     * @param beginnings what its volumes begin with
     */
    record Place(SmallFiles files, VolumeStore volumes, Beginnings beginnings) {}

    /**
     * Opens what is in the place, or begins there. Blocks.
     *
     * @param provenance of the journal, as its first life was told
     * @param applying the thread that applies; its creator ends it after this is closed
     */
    ReplicaStore(
            Provenance provenance,
            Place place,
            Journal journal,
            ApplySettings applySettings,
            ScheduledExecutorService applying,
            Consumer<Fault> whenFailed,
            ReplicaSettings settings,
            LongSupplier nanoTime)
            throws IOException {
        this.nanoTime = nanoTime;
        this.provenance = provenance;
        this.journal = journal;
        beginnings = place.beginnings();
        volumes = new Volumes(place.volumes());
        file = new FloorFile(place.files());
        Sequence origin = provenance.lineage().origin();
        Optional<FloorFile.Content> known = file.read();
        floor = known.map(FloorFile.Content::floor).orElse(origin);
        if (known.isEmpty()) {
            file.write(content(origin, List.of(), List.of()));
        }
        Checkpoint checkpoint = Checkpoint.open(place.files(), volumes);
        if (checkpoint.applied().isBefore(origin)) {
            checkpoint.beginAt(origin);
        }
        ledger = checkpoint.ledger();
        points = new PointLog(ledger);
        groups = new GroupLog(ledger);
        pins = Pins.open(place.files(), floor);
        pins.all().forEach(this::keep);
        seen = checkpoint.applied();
        atFloor = known.map(FloorFile.Content::atFloor).orElse(List.of());
        savedNanos = nanoTime.getAsLong();
        requireWhole(Sequence.later(seen, floor));
        window = new RecoveryWindow(
                settings.windowTime(),
                settings.windowBytes(),
                known.map(FloorFile.Content::window).orElse(List.of()),
                savedNanos);
        if (seen.equals(floor)) {
            atFloor.forEach(this::restore);
        }
        applier = new Applier(journal, volumes, checkpoint, seen, applySettings, applying, whenFailed);
        sampleAgain();
        catchUp(); // before the applier goes on: it deletes the volumes that this makes for VMs that are gone
        applier.raise(floor);
        points.forgetBefore(floor);
        groups.forgetBefore(floor);
        pins.all().forEach(this::keep); // the points are there by now
    }

    /** The name of the site that ships this. */
    String site() {
        return provenance.site();
    }

    Journal journal() {
        return journal;
    }

    Volumes volumes() {
        return volumes;
    }

    /** Records up to here can be read from the volumes. Any thread. */
    Sequence applied() {
        return applier.applied();
    }

    boolean volumesWaitForSpace() {
        return applier.waitsForSpace();
    }

    /** The oldest sequence that can still be recovered. */
    Sequence floor() {
        return floor;
    }

    Ledger ledger() {
        return ledger;
    }

    PointLog points() {
        return points;
    }

    GroupLog groups() {
        return groups;
    }

    /** What is kept beyond the window by name. */
    Pins pins() {
        return pins;
    }

    /** A pinned point is not thinned out. That of a group is one of each of its VMs, though none of their own epochs may end there. */
    void keep(Pin pin) {
        points.keep(pin.vm(), pin.sequence());
        groups.keep(pin.sequence());
        if (points.at(pin.vm(), pin.sequence()).isEmpty()) {
            groups.at(pin.vm(), pin.sequence())
                    .filter(RecoveryPoint::consistent)
                    .ifPresent(points::restore);
        }
    }

    /** What is no longer pinned is one like others again. */
    void release(Pin pin) {
        if (pins.of(pin.vm()).stream().noneMatch(other -> other.sequence().equals(pin.sequence()))) {
            points.release(pin.vm(), pin.sequence());
        }
        if (pins.all().stream().noneMatch(other -> other.sequence().equals(pin.sequence()))) {
            groups.release(pin.sequence());
        }
    }

    /** All VMs that can be recovered or are being received, as of now or of their newest point. */
    List<Vm> vms() {
        Map<VmId, Vm> all = new LinkedHashMap<>();
        points.vms().forEach(vm -> all.put(vm.id(), vm));
        ledger.vms().forEach(vm -> all.put(vm.id(), vm));
        return List.copyOf(all.values());
    }

    /** Appends a range. What has become of it is for the caller; ledger and points follow when it is durable. */
    AppendOutcome append(Range range) throws InvalidRange {
        RangeRules.check(range);
        AppendOutcome outcome = journal.appendRange(range);
        if (outcome instanceof AppendOutcome.Appended) {
            notDurable.add(new Received(range.last(), range.body().remaining()));
        }
        return outcome;
    }

    /** Takes up what has become durable. */
    void catchUp() {
        Sequence durable = journal.durable();
        if (durable.isAfter(seen)) {
            journal.marks(seen, durable, this::apply);
            seen = durable;
        }
        // Not before: what a power cut takes comes again, and would count twice.
        while (!notDurable.isEmpty() && !notDurable.getFirst().last().isAfter(durable)) {
            Received range = notDurable.removeFirst();
            window.sample(range.last(), range.bytes(), nanoTime.getAsLong());
        }
    }

    /** What a sender has to know to go on; only while everything appended is durable. */
    Resume resume() {
        catchUp();
        Sequence last = journal.appended();
        if (last.equals(provenance.lineage().origin())) {
            return new Resume.Nothing();
        }
        Incarnation incarnation = ledger.lives().isEmpty()
                ? new Incarnation(0)
                : ledger.lives().getLast().incarnation();
        return new Resume.After(last, journal.checksum(last), incarnation);
    }

    /** Saves now and then how old is what is here. */
    void saveAges() throws IOException {
        if (nanoTime.getAsLong() - savedNanos > AGES_SAVED_EVERY.toNanos()) {
            save();
        }
    }

    /**
     * Takes up what a life before has received and noted no sample of. Else a replica that is killed again and again would never
     * count it, and its journal would fill up with what has long left the window.
     */
    private void sampleAgain() {
        Sequence sampled = Sequence.later(window.sampled(), journal.trimmed());
        Sequence durable = journal.durable();
        if (durable.isAfter(sampled)) {
            journal.parts(sampled, durable, (last, bytes) -> window.sample(last, bytes, savedNanos));
        }
    }

    RecoveryWindow window() {
        return window;
    }

    /**
     * Gives up everything before {@code next}: durably said before the volumes follow, so that nothing is offered that they
     * may have passed.
     */
    void raiseFloor(Sequence next) throws IOException {
        List<FloorFile.Point> atNext = pointsAt(next);
        window.forgetBefore(next);
        write(next, atNext);
        floor = next;
        atFloor = atNext;
        points.forgetBefore(next);
        groups.forgetBefore(next);
        applier.raise(next);
    }

    /** The consistent ones: of VMs, and of those of groups, whose own may have been thinned out. */
    private List<FloorFile.Point> pointsAt(Sequence at) {
        Map<VmId, FloorFile.Point> all = new LinkedHashMap<>();
        Stream.concat(
                        vms().stream().flatMap(vm -> points.at(vm.id(), at).stream()),
                        groups.names().stream()
                                .flatMap(group -> groups.list(group).at(at).stream())
                                .flatMap(point -> point.vms().stream().map(point::of)))
                .filter(RecoveryPoint::consistent)
                .forEach(point -> all.put(point.vm().id(), saved(point)));
        return List.copyOf(all.values());
    }

    /** Ends this life: everything appended is durable on return, and so are the ages. Blocks. */
    void close() throws IOException {
        applier.close();
        journal.close(true);
        volumes.close();
        save();
    }

    private void save() throws IOException {
        write(floor, atFloor);
    }

    private void write(Sequence at, List<FloorFile.Point> points) throws IOException {
        long nowNanos = nanoTime.getAsLong();
        file.write(content(at, points, window.save(nowNanos)));
        savedNanos = nowNanos;
    }

    private FloorFile.Content content(Sequence at, List<FloorFile.Point> points, List<RecoveryWindow.Saved> ages) {
        return new FloorFile.Content(
                FloorFile.FORMAT,
                provenance.site(),
                provenance.lineage().origin(),
                provenance.number(),
                at,
                points,
                ages);
    }

    /** Volumes that are ahead of their journal would be overwritten by an older history. */
    private void requireWhole(Sequence passed) throws IOException {
        if (passed.isAfter(journal.durable())) {
            volumes.close();
            throw new Fault("the volumes of journal " + journal.id() + " are at record " + passed
                    + ", and the journal ends at " + journal.durable() + ": part of it is lost");
        }
    }

    /** Why the VM cannot be brought back here, if that is so. */
    Optional<String> unfit(Vm vm) {
        return vm.disks().stream()
                .filter(this::isUnfit)
                .findFirst()
                .map(disk ->
                        "disk " + disk.name() + " of " + disk.sizeBytes() + " bytes does not fit the file system here");
    }

    /** A disk that has grown may not fit any more; as it was before it is offered until the volume follows. */
    private boolean isUnfit(Disk disk) {
        try {
            volumes.grow(disk.id(), disk.sizeBytes());
        } catch (IOException e) {
            return true;
        }
        return volumes.find(disk.id()).filter(UnfitVolume.class::isInstance).isPresent();
    }

    /** A point as it can be offered. */
    RecoveryPoint offered(RecoveryPoint point) {
        return unfit(point.vm())
                .or(() -> beginnings.doubt(point))
                .map(point::withdrawn)
                .orElse(point);
    }

    /** A point of a group as it can be offered: as its VMs can be there. */
    GroupPoint offered(GroupPoint point) {
        return point.vms().stream()
                .flatMap(vm ->
                        unfit(vm)
                                .or(() -> beginnings.doubt(point.of(vm)))
                                .map(why -> GroupPoint.reason(vm, why))
                                .stream())
                .findFirst()
                .map(point::withdrawn)
                .orElse(point);
    }

    private void apply(Mark mark) {
        boolean begins = mark.entry() instanceof Entry.VmDefined defined
                && ledger.vm(defined.vm()).isEmpty();
        ledger.apply(mark);
        points.apply(mark);
        groups.apply(mark);
        if (mark.entry() instanceof Entry.VmDefined defined) {
            ledger.vm(defined.vm()).ifPresent(vm -> {
                if (begins) {
                    beginnings.defined(vm);
                } else {
                    beginnings.changed(vm);
                }
                tryVolumes(vm);
            });
        }
    }

    /** What does not fit is found when it is defined, not when its first records leave the window. */
    private void tryVolumes(Vm vm) {
        for (Disk disk : vm.disks()) {
            try {
                if (volumes.find(disk.id()).isPresent()) {
                    volumes.grow(disk.id(), disk.sizeBytes());
                } else {
                    volumes.open(disk.id(), disk.sizeBytes());
                }
            } catch (IOException e) {
                LOG.warn(
                        "vm={} disk={}: no volume of that size yet: {}",
                        vm.name(),
                        disk.name(),
                        e.toString()); // the applier tries again
            }
        }
    }

    /** It is known to be consistent; what that rests on, the ledger still says. */
    private void restore(FloorFile.Point point) {
        ledger.vm(point.vm()).ifPresent(vm -> {
            Standing standing = ledger.standing(vm) instanceof Standing.Consistent known ? known : Standing.CONSISTENT;
            RecoveryPoint restored = new RecoveryPoint(floor, Instant.parse(point.time()), point.kind(), vm, standing);
            points.restore(restored);
            groups.restore(restored);
        });
    }

    private static FloorFile.Point saved(RecoveryPoint point) {
        return new FloorFile.Point(point.vm().id(), point.time().toString(), point.kind());
    }
}
