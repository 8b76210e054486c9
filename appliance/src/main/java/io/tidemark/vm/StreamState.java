package io.tidemark.vm;

import com.fasterxml.jackson.annotation.JsonProperty;
import io.tidemark.journal.Sequence;
import io.tidemark.journal.Side;
import java.util.Optional;

/**
 * The two states of a stream, neither of which hides the other.
 *
 * @param gaps how many gaps there were: who says that a copy is complete says up to which gap it looked
 * @param awaitsRestart whether clients are refused until the guest was restarted
 */
public record StreamState(
        @JsonProperty("intake") IntakeState intake,
        @JsonProperty("ship") ShipState ship,
        @JsonProperty("gaps") int gaps,
        @JsonProperty("awaitsRestart") boolean awaitsRestart) {

    /** The state of a stream that was just registered at {@code at}. A replica that begins with a seed is compared as a whole first. */
    static StreamState initial(Disk disk, Sequence at) {
        IntakeState intake =
                disk.attachMode().beginsWithACopy() ? new IntakeState.Empty() : new IntakeState.InSync(at, "");
        return new StreamState(intake, disk.seeded() ? ShipState.COPYING : ShipState.FULL, 0, false);
    }

    StreamState begin(Side side, Sequence at) {
        return switch (side) {
            case SHIP -> new StreamState(intake, ShipState.COPYING, gaps, awaitsRestart);
            case INTAKE ->
                with(
                        switch (intake) {
                            case IntakeState.Empty empty -> empty.begin(at);
                            case IntakeState.Copying copying -> copying;
                            case IntakeState.InSync inSync -> inSync.begin(at);
                            case IntakeState.Suspect suspect -> suspect.begin(at);
                        });
        };
    }

    /** @param word on whose word it is; empty when it was seen */
    StreamState complete(Side side, Sequence at, String word) {
        return switch (side) {
            case SHIP -> new StreamState(intake, ShipState.FULL, gaps, awaitsRestart);
            case INTAKE ->
                with(
                        switch (intake) {
                            case IntakeState.Empty empty -> empty.complete(at, word);
                            case IntakeState.Copying copying -> copying.complete(at, word);
                            case IntakeState.InSync inSync -> inSync;
                            case IntakeState.Suspect suspect -> suspect.complete(at, word);
                        });
        };
    }

    StreamState lose(Sequence behind, String reason) {
        IntakeState next =
                switch (intake) {
                    case IntakeState.Empty empty -> empty;
                    case IntakeState.Copying copying -> copying.lose(behind, reason);
                    case IntakeState.InSync inSync -> inSync.lose(behind, reason);
                    case IntakeState.Suspect suspect -> suspect;
                };
        return new StreamState(next, ship, gaps + 1, awaitsRestart);
    }

    StreamState awaitingRestart(boolean awaits) {
        return new StreamState(intake, ship, gaps, awaits);
    }

    /** Why a point now would not be consistent for this stream; empty if it would be. */
    public Optional<String> inconsistency() {
        return switch (intake) {
            case IntakeState.Empty empty -> Optional.of("nothing was copied yet");
            case IntakeState.Copying copying -> Optional.of("the source is copying since record " + copying.since());
            case IntakeState.Suspect suspect -> Optional.of(suspect.doubt());
            case IntakeState.InSync inSync ->
                ship == ShipState.FULL ? Optional.empty() : Optional.of("blocks are being copied to the replica");
        };
    }

    /** On whose word a point now would be consistent for this stream, and why; empty if nobody's was taken. */
    Optional<String> word() {
        return intake instanceof IntakeState.InSync inSync && !inSync.word().isEmpty()
                ? Optional.of(inSync.word())
                : Optional.empty();
    }

    private StreamState with(IntakeState next) {
        return new StreamState(next, ship, gaps, awaitsRestart);
    }
}
