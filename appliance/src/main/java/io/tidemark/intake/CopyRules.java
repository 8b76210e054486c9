package io.tidemark.intake;

import io.tidemark.intake.OperatorRequest.Decision;
import io.tidemark.journal.Entry;
import io.tidemark.journal.Sequence;
import io.tidemark.journal.Side;
import io.tidemark.vm.AttachMode;
import io.tidemark.vm.IntakeState;
import io.tidemark.vm.StreamState;
import java.util.List;

/** When a copy by the source may be said to begin and to end. Decisions only; the owner's. */
final class CopyRules {

    private final Streams streams;

    CopyRules(Streams streams) {
        this.streams = streams;
    }

    /** Somebody starts a new copy of the source's disk. */
    Decision begin(Stream stream) {
        if (!stream.disk().attachMode().hidesGaps()) {
            return refused("a disk in attach mode direct is the source's only one: there is nothing to copy");
        }
        if (streams.state(stream).intake() instanceof IntakeState.Copying) {
            stream.rememberChanges();
            return new Decision.Answer(new Registration.Unchanged());
        }
        return append(new Entry.CopyBegin(stream.id(), stream.epoch(), Side.INTAKE), stream::copiedAnew);
    }

    /**
     * Whoever sees the source says that its copy is complete.
     *
     * @param observedGaps how many gaps the stream had when that was seen
     */
    Decision end(Stream stream, int observedGaps) {
        StreamState state = streams.state(stream);
        AttachMode mode = stream.disk().attachMode();
        if (!mode.hidesGaps()) {
            return refused("a disk in attach mode direct is the source's only one: there is no copy to end");
        }
        if (stream.hasMissed()) {
            return recordMissed(stream);
        }
        if (state.gaps() != observedGaps) {
            return refused("a gap came since: " + state.gaps() + " are known, " + observedGaps
                    + " were seen when the copy was found complete");
        }
        return switch (state.intake()) {
            case IntakeState.InSync inSync -> new Decision.Answer(new Registration.Unchanged());
            case IntakeState.Copying copying -> end(stream);
            case IntakeState.Empty empty -> end(stream);
            case IntakeState.Suspect suspect -> endOfSuspect(stream, mode);
        };
    }

    /** A mirror job that reports it is in sync has copied what a gap hid; a source that only fans out has not. */
    private Decision endOfSuspect(Stream stream, AttachMode mode) {
        if (mode == AttachMode.FANOUT) {
            return refused("the stream is suspect, and this attach mode mends no gap by itself: begin a copy first");
        }
        if (stream.attachments().isEmpty()) {
            return refused("the stream is suspect and no source is connected");
        }
        return end(stream);
    }

    /** What was missed while the stream was not in sync counts from here on; whoever looks again has seen it. */
    private static Decision recordMissed(Stream stream) {
        Entry.Gap gap = Gaps.gap(stream, "a write may have been missed while the stream was not in sync");
        return new Decision.Append(
                List.of(gap),
                stream::gapRecorded,
                at -> new Registration.Refused("a write may have been missed since: it is counted as a gap now;"
                        + " find the copy complete once more"));
    }

    /**
     * Somebody says that nothing is missing of a suspect stream, though nobody has seen it.
     *
     * @param observedGaps how many gaps the stream had when that was said
     * @param word who says it, and why
     */
    Decision accept(Stream stream, int observedGaps, String word) {
        StreamState state = streams.state(stream);
        AttachMode mode = stream.disk().attachMode();
        if (!(state.intake() instanceof IntakeState.Suspect)) {
            return refused("the stream is " + state.intake().label() + ": there is nothing to accept");
        }
        if (!mode.keepsOrder()) {
            return refused(
                    "the writes of a disk in attach mode " + mode.label() + " do not come in order: end its copy");
        }
        if (!stream.hasSource()) {
            return refused("no source is connected that has written since: what it writes would be missing again");
        }
        if (stream.hasMissed()) {
            return recordMissed(stream);
        }
        return state.gaps() == observedGaps
                ? end(stream, word)
                : refused("a gap came since: " + state.gaps() + " are known, " + observedGaps + " were seen");
    }

    private Decision end(Stream stream) {
        return end(stream, "");
    }

    private Decision end(Stream stream, String word) {
        return append(new Entry.CopyEnd(stream.id(), stream.epoch(), Side.INTAKE, word), () -> {
            Sequence at = streams.appended();
            stream.endEpoch();
            stream.witnessed(at);
            stream.copied();
            streams.pointAt(at, stream);
        });
    }

    private static Decision append(Entry.Control entry, Runnable then) {
        return new Decision.Append(List.of(entry), then);
    }

    private static Decision refused(String reason) {
        return new Decision.Answer(new Registration.Refused(reason));
    }
}
