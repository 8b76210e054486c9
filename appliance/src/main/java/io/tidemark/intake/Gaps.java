package io.tidemark.intake;

import io.tidemark.journal.Entry;
import io.tidemark.journal.Sequence;
import io.tidemark.nbd.Ending;
import io.tidemark.vm.IntakeState;
import java.util.Optional;

/**
 * What may hide a gap, for streams whose source can go on without us (I7). The owner's.
 *
 * <p>A stream becomes suspect from the last record that its source has caused: what came behind it may be missing.
 */
final class Gaps {

    private final Controls controls;
    private final Streams streams;

    Gaps(Controls controls, Streams streams) {
        this.controls = controls;
        this.streams = streams;
    }

    /** Whether the source of the stream may go on without us, so that whatever we miss has to be remembered. */
    boolean mayBe(Stream stream) {
        return stream.disk().attachMode().hidesGaps()
                && streams.find(stream.id()).isPresent();
    }

    /** Whether writes the source has made without us would make a difference to what is offered. */
    boolean matter(Stream stream) {
        if (!mayBe(stream)) {
            return false;
        }
        return switch (streams.state(stream).intake()) {
            case IntakeState.Empty empty -> false;
            case IntakeState.Suspect suspect -> false;
            case IntakeState.Copying copying -> true;
            case IntakeState.InSync inSync -> true;
        };
    }

    /**
     * Whether the end of a connection may hide one. A reader that leaves does not while the source stays, or while the stream
     * is not in sync; nor does a connection that the source had before, whose gap is on record.
     */
    boolean mayHide(Stream stream, Attachment attachment, Ending ending) {
        boolean reader = ending == Ending.DISCONNECTED
                && attachment.isReader()
                && (!stream.attachments().isEmpty() || !matter(stream));
        return mayBe(stream) && !reader && !attachment.isFormerSource();
    }

    /**
     * Remembers that the stream may have missed something. When it is not in sync there is nothing to withdraw, and no record
     * is spent: it is enough that a copy cannot be called complete by who has looked before.
     *
     * @return what has to be durable before the source hears of it; empty when there is no room to record it
     */
    Optional<Sequence> record(Stream stream, String reason) {
        if (!matter(stream)) {
            stream.missed();
            return Optional.of(streams.appended());
        }
        Optional<Sequence> at = controls.append(gap(stream, reason));
        at.ifPresent(sequence -> stream.gapRecorded());
        return at;
    }

    /** The record that tells of a gap now. */
    static Entry.Gap gap(Stream stream, String reason) {
        return new Entry.Gap(stream.id(), stream.evidence(), reason);
    }
}
