package io.tidemark.intake;

import io.tidemark.journal.Entry;
import io.tidemark.journal.Extent;
import io.tidemark.journal.Journal;
import io.tidemark.journal.Sequence;
import io.tidemark.journal.Shipping;
import io.tidemark.journal.Side;
import io.tidemark.journal.StreamId;
import io.tidemark.journal.TimedOwner;
import io.tidemark.resync.Copies;
import io.tidemark.resync.DirtyBlocks;
import io.tidemark.resync.DirtyFiles;
import io.tidemark.resync.Subject;
import io.tidemark.vm.Disk;
import io.tidemark.vm.IntakeState;
import io.tidemark.vm.ShipState;
import java.io.IOException;
import java.time.Duration;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalLong;
import java.util.Set;
import java.util.concurrent.CompletableFuture;
import java.util.function.Predicate;

/**
 * The copies that bring the replica in step again, of the streams whose ship state is copying, and what lives to come need to go on with them.
 * The owner's.
 *
 * <p>A stream that is being copied has a bitmap on the disk which holds at least what the replica lacks beyond the journal: it is there
 * before the record that begins the copy, and what is cleared in it was copied by a record that is durable.
 */
final class ReplicaCopies {

    /** How much of a copy is done again, at the most, after a crash. */
    private static final Duration SAVE_INTERVAL = Duration.ofSeconds(10);

    private final Copies copies;
    private final Controls controls;
    private final Streams streams;
    private final Journal journal;
    private final TimedOwner owner;
    private final DirtyFiles files;
    private final Saves saves;
    private final Predicate<StreamId> undecided;
    private final Set<StreamId> held = new HashSet<>(); // end only when it is known what the replica lacks
    private long marked; // how often blocks became dirty: a bitmap from before is out of date
    private boolean closed;

    ReplicaCopies(
            Copies copies,
            Controls controls,
            Streams streams,
            Journal journal,
            TimedOwner owner,
            DirtyFiles files,
            Saves saves,
            Predicate<StreamId> undecided) {
        this.copies = copies;
        this.controls = controls;
        this.streams = streams;
        this.journal = journal;
        this.owner = owner;
        this.files = files;
        this.saves = saves;
        this.undecided = undecided;
    }

    /** Goes on with the copies that the life before has left. */
    void resume() throws IOException {
        for (Stream stream : streams.all()) {
            if (streams.state(stream).ship() == ShipState.COPYING) {
                if (undecided.test(stream.id())) {
                    hold(stream.id());
                }
                begin(stream, files.read(stream.id(), stream.disk().sizeBytes()));
                copies.remembered(stream.id());
            }
        }
        owner.after(SAVE_INTERVAL, this::save);
    }

    /** All of these disks will be copied as soon as they are there: so a life to come knows, durably when this is done. */
    CompletableFuture<Void> rememberAll(List<Disk> disks) {
        Map<StreamId, DirtyBlocks> all = new LinkedHashMap<>();
        disks.forEach(disk -> all.put(disk.id(), all(disk)));
        return all.isEmpty() ? CompletableFuture.completedFuture(null) : saves.write(all);
    }

    /** All blocks of a stream, to be saved before the record that begins its copy. */
    static DirtyBlocks all(Stream stream) {
        return all(stream.disk());
    }

    private static DirtyBlocks all(Disk disk) {
        DirtyBlocks dirty = new DirtyBlocks(disk.sizeBytes());
        dirty.markAll();
        return dirty;
    }

    /** Copies all of the stream; its copy begin is in the journal. */
    void beginAll(Stream stream) {
        begin(stream, all(stream));
        copies.remembered(stream.id());
    }

    /** Nobody knows yet all that the replica lacks of the stream: its copy does not end before {@link #release}. */
    void hold(StreamId stream) {
        held.add(stream);
    }

    /** What the replica lacks of the stream is known. */
    void release(StreamId stream) {
        held.remove(stream);
    }

    /**
     * The disk of a stream has grown. What was added is shipped like anything else; a life to come that knows the bitmap of before takes it for dirty,
     * and copies zeroes.
     */
    void grown(Stream stream) {
        copies.grow(stream.id(), stream.disk().sizeBytes());
    }

    /** Copies these blocks of the stream, and those that were being copied. Until they are {@link #remembered} its changes are shipped, too. */
    void begin(Stream stream, DirtyBlocks dirty) {
        marked++;
        dirty.growTo(stream.disk().sizeBytes()); // they may be of a time when it was smaller
        copies.end(stream.id()).ifPresent(dirty::add);
        copies.begin(
                new Subject(
                        stream.id(),
                        stream.volume(),
                        () -> mayRead(stream, dirty),
                        stream::epoch,
                        () -> complete(stream)),
                dirty);
    }

    /** A seed would be overwritten by what is here before the source's own copy is, the first one: until then nothing is read to be compared. */
    private boolean mayRead(Stream stream, DirtyBlocks dirty) {
        if (!stream.disk().seeded() || dirty.count() < dirty.blocks()) {
            return true;
        }
        return switch (streams.state(stream).intake()) {
            case IntakeState.Empty empty -> false;
            case IntakeState.Copying copying -> false;
            case IntakeState.InSync inSync -> true;
            case IntakeState.Suspect suspect -> true;
        };
    }

    /** Stops copying the stream; what the replica still lacks of it. */
    Optional<DirtyBlocks> end(StreamId stream) {
        return copies.end(stream);
    }

    /** The bitmap of what is copied of the stream is on the disk. */
    void remembered(StreamId stream) {
        copies.remembered(stream);
    }

    /** How a client's change is shipped. */
    Shipping shippingOf(StreamId stream, Extent extent) {
        return copies.leavesOut(stream, extent) ? Shipping.LEFT_OUT : Shipping.SHIPPED;
    }

    /** A client's change was appended. */
    void changed(Entry.Data change) {
        copies.changed(change);
    }

    void forget(StreamId stream) {
        release(stream);
        var unused = copies.end(stream);
        var unusedToo = saves.delete(stream);
    }

    void replicated(Sequence durable) {
        copies.replicated(durable);
    }

    /** All of it while nobody knows. */
    OptionalLong dirtyBytes(Stream stream) {
        return held.contains(stream.id()) ? OptionalLong.of(stream.disk().sizeBytes()) : copies.dirtyBytes(stream.id());
    }

    Optional<String> problem() {
        return copies.problem();
    }

    void close() {
        closed = true;
        copies.close();
    }

    /** Saves how far the copies are, once their records are durable. */
    private void save() {
        if (closed || journal.fault().isPresent()) {
            return;
        }
        Map<StreamId, DirtyBlocks> now = copies.snapshot();
        if (!now.isEmpty()) {
            long then = marked;
            journal.whenDurable(journal.appended(), () -> {
                if (then == marked) {
                    var unused = saves.write(now);
                }
            });
        }
        owner.after(SAVE_INTERVAL, this::save);
    }

    /** One record, one instant: the replica equals our volume there, and the disk may be in a point. */
    private boolean complete(Stream stream) {
        if (held.contains(stream.id())) {
            return false;
        }
        Optional<Sequence> at = controls.append(new Entry.CopyEnd(stream.id(), stream.epoch(), Side.SHIP));
        at.ifPresent(sequence -> {
            stream.endEpoch();
            streams.pointAt(sequence, stream);
        });
        return at.isPresent();
    }
}
