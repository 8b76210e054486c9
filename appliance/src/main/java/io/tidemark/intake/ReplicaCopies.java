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
import io.tidemark.resync.Kept;
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
    private final UnsavedChanges unsaved;
    private final Set<StreamId> held = new HashSet<>(); // end only when it is known what the replica lacks
    private long marked; // how often blocks became dirty: a bitmap from before is out of date
    private boolean paused; // somebody else writes bitmaps
    private boolean saving;
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
        this.unsaved = new UnsavedChanges(journal);
    }

    /** Goes on with the copies that the life before has left. */
    void resume() throws IOException {
        for (Stream stream : streams.all()) {
            if (streams.state(stream).ship() == ShipState.COPYING) {
                if (undecided.test(stream.id())) {
                    hold(stream.id());
                }
                Kept kept = files.read(stream.id(), stream.disk().sizeBytes());
                begin(stream, unsaved.recover(stream.id(), kept));
                if (kept.trackedBehind().isEmpty()) {
                    copies.remembered(stream.id());
                } // else it is with the first bitmap that is saved: until then its changes are shipped
            }
        }
        owner.after(SAVE_INTERVAL, this::saveRegularly);
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
        remembered(stream.id());
    }

    /** Nothing is saved until {@link #goOnSaving}: somebody writes bitmaps of streams that are, or will be, copied. */
    void pauseSaving() {
        marked++;
        paused = true;
    }

    void goOnSaving() {
        paused = false;
    }

    /**
     * Writes down that what clients change behind this instant may be lacking, whatever they touch. Durable when this is done; then they may be
     * {@link #track tracked}. Only while saving is paused.
     */
    CompletableFuture<Void> rememberTracking(List<Stream> all) {
        Map<StreamId, DirtyBlocks> lacking = copies.snapshot();
        Sequence behind = journal.appended();
        Map<StreamId, Kept> kept = new LinkedHashMap<>();
        for (Stream stream : all) {
            unsaved.keep(stream.id(), behind);
            DirtyBlocks dirty = Optional.ofNullable(lacking.get(stream.id()))
                    .orElseGet(() -> new DirtyBlocks(stream.disk().sizeBytes()));
            kept.put(stream.id(), new Kept(dirty, Optional.of(behind)));
        }
        CompletableFuture<Void> durable = new CompletableFuture<>();
        journal.whenDurable(behind, () -> durable.complete(null));
        return durable.thenComposeAsync(now -> saves.keep(kept), owner);
    }

    /** It was not decided to track some of these: then nothing has to be kept of what they change. */
    void forgetUntracked(List<Stream> all) {
        all.stream()
                .map(Stream::id)
                .filter(stream -> copies.dirtyBytes(stream).isEmpty()) // of what is copied the next bitmap will say so
                .forEach(unsaved::forget);
    }

    /** From now on the stream's changes are not shipped, and nothing of it is copied; its copy begin is in the journal. */
    void track(Stream stream) {
        if (copies.dirtyBytes(stream.id()).isEmpty()) {
            begin(stream, new DirtyBlocks(stream.disk().sizeBytes()));
        }
        copies.remembered(stream.id());
        copies.track(stream.id(), true);
    }

    /** What the stream's clients have changed meanwhile is copied from now on. */
    void copyTracked(Stream stream) {
        copies.track(stream.id(), false);
    }

    boolean tracks(StreamId stream) {
        return copies.tracks(stream);
    }

    /** Whether it is known what the replica lacks of the stream, so that it need not hear more of it for a while. */
    boolean mayTrack(StreamId stream) {
        return !held.contains(stream) && !copies.tracks(stream);
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
        unsaved.forget(stream);
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
        unsaved.forget(stream);
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

    /** The journal fills up: what it keeps because it is in no bitmap yet must not be why. */
    void makeRoom() {
        if (!saving && unsaved.keepsSome()) {
            save();
        }
    }

    private void saveRegularly() {
        if (closed || journal.fault().isPresent()) {
            return;
        }
        save();
        owner.after(SAVE_INTERVAL, this::saveRegularly);
    }

    /** Saves how far the copies are, once their records are durable. */
    private void save() {
        Sequence upTo = journal.appended();
        Map<StreamId, Kept> now = new LinkedHashMap<>();
        copies.snapshot()
                .forEach((stream, dirty) ->
                        now.put(stream, new Kept(dirty, copies.tracks(stream) ? Optional.of(upTo) : Optional.empty())));
        if (now.isEmpty() || paused) {
            return;
        }
        saving = true;
        long then = marked;
        journal.whenDurable(upTo, () -> {
            if (then == marked) {
                var unused = saves.keep(now)
                        .whenCompleteAsync((nothing, failure) -> saved(now, then, failure == null), owner);
            } else {
                saving = false;
            }
        });
    }

    /** The bitmaps are on the disk, and the newest there if nothing has become dirty since. */
    private void saved(Map<StreamId, Kept> kept, long then, boolean durable) {
        saving = false;
        if (durable && then == marked) {
            kept.forEach((stream, each) -> {
                copies.remembered(stream);
                unsaved.saved(stream, each);
            });
        }
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
            unsaved.copied(stream.id(), sequence);
        });
        return at.isPresent();
    }
}
