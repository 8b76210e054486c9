package io.tidemark.intake;

import io.tidemark.events.Event;
import io.tidemark.events.EventLog;
import io.tidemark.journal.AppendOutcome;
import io.tidemark.journal.Entry;
import io.tidemark.journal.Journal;
import io.tidemark.journal.Mark;
import io.tidemark.journal.Sequence;
import io.tidemark.journal.StreamId;
import io.tidemark.vm.IntakeState;
import io.tidemark.vm.Ledger;
import io.tidemark.vm.ShipState;
import io.tidemark.vm.StreamState;
import java.util.Optional;

/** Appends control records and keeps the ledger up with them. The one place where states of streams change; the owner's. */
final class Controls {

    private final Journal journal;
    private final Ledger ledger;
    private final EventLog events;
    private final Rungs rungs;

    Controls(Journal journal, Ledger ledger, EventLog events, Rungs rungs) {
        this.journal = journal;
        this.ledger = ledger;
        this.events = events;
        this.rungs = rungs;
    }

    Ledger ledger() {
        return ledger;
    }

    /** Appends the record; empty, and nothing has changed, when there is no room even for that. */
    Optional<Sequence> append(Entry.Control entry) {
        return switch (journal.append(entry)) {
            case AppendOutcome.Appended appended -> {
                Sequence at = appended.sequence();
                Optional<StreamState> before = stream(entry).flatMap(ledger::state);
                ledger.apply(new Mark(at, 0, entry));
                before.ifPresent(state -> tell(entry, at, stream(entry).orElseThrow(), state));
                yield Optional.of(at);
            }
            case AppendOutcome.NotReady notReady -> Optional.empty();
            case AppendOutcome.Full full -> Optional.empty();
        };
    }

    private void tell(Entry.Control entry, Sequence at, StreamId stream, StreamState before) {
        StreamState after = ledger.state(stream).orElse(before);
        rungs.changed(stream, after.ship(), entry);
        Event.Severity severity =
                switch (after.intake()) {
                    case IntakeState.Suspect suspect -> Event.Severity.WARNING;
                    case IntakeState.Empty empty -> Event.Severity.INFO;
                    case IntakeState.Copying copying -> Event.Severity.INFO;
                    case IntakeState.InSync inSync ->
                        after.awaitsRestart() ? Event.Severity.WARNING : Event.Severity.INFO;
                };
        events.add(
                severity,
                "stream-state",
                nameOf(ledger, stream),
                "%s -> %s at record %s: %s".formatted(label(before), label(after), at, describe(entry)));
    }

    /** A disk's name, for people. */
    static String nameOf(Ledger ledger, StreamId stream) {
        return ledger.vmOf(stream)
                .flatMap(vm -> vm.disks().stream()
                        .filter(disk -> disk.id().equals(stream))
                        .map(disk -> vm.name() + "/" + disk.name())
                        .findFirst())
                .orElse(stream.toString());
    }

    private static String label(StreamState state) {
        return state.ship() == ShipState.FULL
                ? state.intake().label()
                : state.intake().label() + "/" + state.ship().label();
    }

    private static String describe(Entry.Control entry) {
        return switch (entry) {
            case Entry.CopyBegin begin -> "a copy begins";
            case Entry.CopyEnd end ->
                end.word().isEmpty() ? "the copy is complete" : "nothing is missing, on the word of " + end.word();
            case Entry.Gap gap -> "writes may be missing behind record " + gap.since() + ": " + gap.reason();
            case Entry.AwaitRestart await -> "clients wait until the guest was restarted";
            case Entry.Track track -> "its changes are tracked, not shipped";
            case Entry.GuestRestarted restarted -> "the guest was restarted";
            case Entry.Control other -> other.getClass().getSimpleName();
        };
    }

    /** The stream whose state an entry may change. */
    private static Optional<StreamId> stream(Entry.Control entry) {
        return switch (entry) {
            case Entry.CopyBegin begin -> Optional.of(begin.stream());
            case Entry.CopyEnd end -> Optional.of(end.stream());
            case Entry.Gap gap -> Optional.of(gap.stream());
            case Entry.AwaitRestart await -> Optional.of(await.stream());
            case Entry.Track track -> Optional.of(track.stream());
            case Entry.GuestRestarted restarted -> Optional.of(restarted.stream());
            case Entry.Flush flush -> Optional.empty();
            case Entry.Cut cut -> Optional.empty();
            case Entry.Opened opened -> Optional.empty();
            case Entry.Closed closed -> Optional.empty();
            case Entry.VmDefined defined -> Optional.empty();
            case Entry.VmRemoved removed -> Optional.empty();
        };
    }
}
