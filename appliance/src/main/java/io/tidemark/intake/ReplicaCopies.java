package io.tidemark.intake;

import io.tidemark.journal.Entry;
import io.tidemark.journal.Extent;
import io.tidemark.journal.Sequence;
import io.tidemark.journal.Side;
import io.tidemark.journal.StreamId;
import io.tidemark.resync.Copies;
import io.tidemark.resync.DirtyBlocks;
import io.tidemark.resync.Subject;
import io.tidemark.vm.ShipState;
import java.util.Optional;
import java.util.OptionalLong;

/** The copies that bring the replica in step again, of the streams whose ship state is copying. The owner's. */
final class ReplicaCopies {

    private final Copies copies;
    private final Controls controls;
    private final Streams streams;

    ReplicaCopies(Copies copies, Controls controls, Streams streams) {
        this.copies = copies;
        this.controls = controls;
        this.streams = streams;
    }

    /** Goes on with the copies that the life before has left, from their beginning. */
    void resume() {
        streams.all().stream()
                .filter(stream -> streams.state(stream).ship() == ShipState.COPYING)
                .forEach(this::begin);
    }

    /** Copies all of the stream; its copy begin is in the journal. */
    void begin(Stream stream) {
        DirtyBlocks dirty = new DirtyBlocks(stream.disk().sizeBytes());
        dirty.markAll();
        copies.begin(new Subject(stream.id(), stream.volume(), stream::epoch, () -> complete(stream)), dirty);
    }

    /** A client's change was appended. */
    void changed(StreamId stream, Extent extent) {
        copies.changed(stream, extent);
    }

    void forget(StreamId stream) {
        copies.forget(stream);
    }

    void replicated(Sequence durable) {
        copies.replicated(durable);
    }

    OptionalLong dirtyBytes(StreamId stream) {
        return copies.dirtyBytes(stream);
    }

    Optional<String> problem() {
        return copies.problem();
    }

    void close() {
        copies.close();
    }

    /** One record, one instant: the replica equals our volume there, and the disk may be in a point. */
    private boolean complete(Stream stream) {
        Optional<Sequence> at = controls.append(new Entry.CopyEnd(stream.id(), stream.epoch(), Side.SHIP));
        at.ifPresent(sequence -> {
            stream.endEpoch();
            streams.pointAt(sequence, stream);
        });
        return at.isPresent();
    }
}
