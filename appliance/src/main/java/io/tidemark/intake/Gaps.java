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

    /** Whether writes the source has made without us would make a difference that is not recorded yet. */
    boolean matter(Stream stream) {
        if (!stream.disk().attachMode().hidesGaps()) {
            return false;
        }
        return switch (streams.state(stream).intake()) {
            case IntakeState.Empty empty -> false;
            case IntakeState.Suspect suspect -> false;
            case IntakeState.Copying copying -> true;
            case IntakeState.InSync inSync -> true;
        };
    }

    /** Whether the end of a connection may hide one. A reader that leaves while the source stays does not. */
    boolean mayHide(Stream stream, Attachment attachment, Ending ending) {
        boolean reader = ending == Ending.DISCONNECTED
                && !attachment.hasChangedSomething()
                && !stream.attachments().isEmpty();
        return matter(stream) && !reader;
    }

    /** Records a gap; empty when there is no room for it. */
    Optional<Sequence> record(Stream stream, String reason) {
        return controls.append(new Entry.Gap(stream.id(), stream.evidence(), reason));
    }
}
