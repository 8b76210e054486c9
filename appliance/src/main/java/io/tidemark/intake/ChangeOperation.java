package io.tidemark.intake;

import io.tidemark.journal.AppendOutcome;
import io.tidemark.journal.Entry;
import io.tidemark.journal.Epoch;
import io.tidemark.journal.Extent;
import io.tidemark.journal.Journal;
import io.tidemark.journal.Sequence;
import io.tidemark.journal.Shipping;
import io.tidemark.journal.Side;
import io.tidemark.nbd.Completion;
import io.tidemark.nbd.Durability;
import io.tidemark.nbd.NbdError;
import io.tidemark.nbd.Outcome;
import io.tidemark.vm.AttachMode;
import io.tidemark.vm.IntakeState;
import java.util.Optional;

/** A client's write, zeroing or trim on its way into the journal. */
final class ChangeOperation implements Operation {

    /** Where changes go, and what has to be known for it. */
    record Path(
            Journal journal,
            Streams streams,
            Controls controls,
            Gaps gaps,
            ReplicaCopies copies,
            Acknowledgements acknowledgements,
            Patience patience,
            Fencing fencing) {}

    /** Makes the entry in the epoch that is open when it is appended, shipped as is decided then. */
    @FunctionalInterface
    interface Change {
        Entry.Data in(Epoch epoch, Shipping shipping);
    }

    private final Path path;
    private final Stream stream;
    private final Extent extent;
    private final Change change;
    private final Durability durability;
    private final Runnable release;
    private final Completion completion;

    /** @param release gives the payload back, once, when its bytes are no longer needed */
    ChangeOperation(
            Path path,
            Stream stream,
            Extent extent,
            Change change,
            Durability durability,
            Runnable release,
            Completion completion) {
        this.path = path;
        this.stream = stream;
        this.extent = extent;
        this.change = change;
        this.durability = durability;
        this.release = release;
        this.completion = completion;
    }

    @Override
    public boolean attempt() {
        if (path.streams().find(stream.id()).isEmpty() || path.fencing().isFenced(stream.id())) {
            fail(Fencing.DEAD);
            return true;
        }
        if (beginsCopy() && path.controls().append(copyBegin()).isEmpty()) {
            return false;
        }
        Entry.Data entry = change.in(stream.epoch(), path.copies().shippingOf(stream.id(), extent));
        return switch (path.journal().append(entry)) {
            case AppendOutcome.Appended appended -> {
                path.patience().hasRoom();
                path.copies().changed(entry);
                appended(appended.sequence());
                yield true;
            }
            case AppendOutcome.NotReady notReady -> false;
            case AppendOutcome.Full full -> !path.patience().lasts() && refuse();
        };
    }

    @Override
    public void fail(NbdError error) {
        release.run();
        completion.complete(new Outcome.Failed(error));
    }

    private void appended(Sequence sequence) {
        stream.changed(extent, sequence);
        release.run();
        if (durability == Durability.DURABLE
                || stream.acknowledgesWhenDurable(path.journal().durable())) {
            path.acknowledgements().whenDurable(sequence, completion);
        } else {
            path.acknowledgements().journaled(completion);
        }
    }

    /** No space: an error that may hide a gap is recorded before it is sent. False when there is no room even for that. */
    private boolean refuse() {
        if (!path.gaps().mayBe(stream)) {
            fail(NbdError.NO_SPACE);
            return true;
        }
        Optional<Sequence> recorded = path.gaps().record(stream, "a write was refused: the journal is full");
        recorded.ifPresent(sequence -> {
            release.run();
            path.acknowledgements().refuseWhenDurable(sequence, completion, NbdError.NO_SPACE);
        });
        return recorded.isPresent();
    }

    /** Whether this change is the first of a copy by the source. */
    private boolean beginsCopy() {
        boolean unordered = stream.disk().attachMode() == AttachMode.MIRROR_BACKGROUND;
        return switch (path.streams().state(stream).intake()) {
            case IntakeState.Empty empty -> true;
            case IntakeState.InSync inSync -> unordered;
            case IntakeState.Copying copying -> false;
            case IntakeState.Suspect suspect -> false;
        };
    }

    private Entry.CopyBegin copyBegin() {
        return new Entry.CopyBegin(stream.id(), stream.epoch(), Side.INTAKE);
    }
}
