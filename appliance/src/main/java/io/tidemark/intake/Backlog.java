package io.tidemark.intake;

import io.tidemark.intake.OperatorRequest.Decision;
import io.tidemark.journal.Entry;
import io.tidemark.journal.Hold;
import io.tidemark.journal.Journal;
import io.tidemark.journal.Mark;
import io.tidemark.journal.Sequence;
import io.tidemark.journal.StreamId;
import io.tidemark.resync.DirtyBlocks;
import io.tidemark.vm.ShipState;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.Executor;
import java.util.function.Function;
import java.util.function.Supplier;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Gives up the records that the peer has not acknowledged: what they changed is remembered in bitmaps, and copied to it instead
 * (docs/architecture.md, "When it cannot keep up"). The owner's, one at a time.
 *
 * <p>Clients notice nothing of it. In this order: each stream has a bitmap on the disk; records say how everything stands, behind which
 * everything is shipped again; what was changed before them becomes dirty, durably. Only then may the records before go. After a crash in the
 * middle the records are still there, and what is dirty is more than it need be.
 */
final class Backlog {

    private static final Logger LOG = LoggerFactory.getLogger(Backlog.class);

    private final Journal journal;
    private final Streams streams;
    private final ReplicaCopies copies;
    private final Saves saves;
    private final Executor owner;
    private final Executor blocking;
    private final Function<Supplier<Decision>, CompletableFuture<Registration>> ask;

    /**
     * @param blocking threads that may wait for the disk
     * @param ask has something decided and recorded when its turn comes
     */
    Backlog(
            Journal journal,
            Streams streams,
            ReplicaCopies copies,
            Saves saves,
            Executor owner,
            Executor blocking,
            Function<Supplier<Decision>, CompletableFuture<Registration>> ask) {
        this.journal = journal;
        this.streams = streams;
        this.copies = copies;
        this.saves = saves;
        this.owner = owner;
        this.blocking = blocking;
        this.ask = ask;
    }

    /**
     * Makes the records behind {@code from} unnecessary for the peer. The answer is done at the first record that has to be shipped again.
     *
     * @param from what the peer has everything up to
     * @param life this life of the journal
     */
    CompletableFuture<Registration> giveUp(Sequence from, Entry.Opened life) {
        Tracking tracking = new Tracking(journal.hold("what is given up", Sequence.later(from, journal.trimmed())));
        return saves.write(emptyBitmaps())
                .thenCompose(saved -> ask.apply(() -> decide(tracking, from, life)))
                .thenCompose(restated -> restated instanceof Registration.Done done
                        ? remember(tracking, done.at())
                        : CompletableFuture.completedFuture(restated))
                .exceptionally(failure -> {
                    LOG.warn("journal={}: nothing is given up: {}", journal.id(), failure.toString());
                    return new Registration.Refused("what was changed cannot be remembered: " + failure.getMessage());
                })
                .whenComplete((answer, failure) -> tracking.hold.close());
    }

    /** What is known of the records that are given up. */
    private static final class Tracking {

        private final Hold hold; // keeps them until it is known what they changed
        private final Map<StreamId, DirtyBlocks> dirty = new LinkedHashMap<>(); // of each stream that has any of them

        Tracking(Hold hold) {
            this.hold = hold;
        }
    }

    /** What the journal says of them. */
    private record Found(Map<StreamId, DirtyBlocks> changed, List<Entry.Control> toldAgain) {}

    /** For the streams that have none: until something is given up, the replica lacks nothing of them. */
    private Map<StreamId, DirtyBlocks> emptyBitmaps() {
        Map<StreamId, DirtyBlocks> empty = new LinkedHashMap<>();
        streams.all().stream()
                .filter(stream -> streams.state(stream).ship() == ShipState.FULL)
                .forEach(stream ->
                        empty.put(stream.id(), new DirtyBlocks(stream.disk().sizeBytes())));
        return empty;
    }

    private Decision decide(Tracking tracking, Sequence from, Entry.Opened life) {
        Restatement restatement =
                new Restatement(streams, life, stream -> new Entry.Track(stream.id(), from, false), false);
        return new Decision.Append(
                restatement.records(),
                () -> {
                    restatement.recorded();
                    // No copy may be complete before it is known what else is dirty.
                    streams.all()
                            .forEach(stream -> tracking.dirty.put(
                                    stream.id(),
                                    copies.end(stream.id())
                                            .orElseGet(() -> new DirtyBlocks(
                                                    stream.disk().sizeBytes()))));
                },
                last -> new Registration.Done(
                        new Sequence(last.number() - restatement.records().size() + 1)));
    }

    private CompletableFuture<Registration> remember(Tracking tracking, Sequence to) {
        Map<StreamId, Long> sizes = new LinkedHashMap<>();
        tracking.dirty.forEach((stream, dirty) -> sizes.put(stream, dirty.sizeBytes()));
        return CompletableFuture.supplyAsync(() -> find(tracking.hold.upTo(), to.previous(), sizes), blocking)
                .whenCompleteAsync((found, failure) -> copy(tracking, Optional.ofNullable(found)), owner)
                .thenCompose(found -> tellAgain(found.toldAgain()))
                .thenComposeAsync(told -> saves.write(tracking.dirty), owner)
                .thenApply(saved -> new Registration.Done(to));
    }

    private Found find(Sequence from, Sequence upTo, Map<StreamId, Long> sizes) {
        Sequence after = Sequence.later(from, journal.trimmed());
        Map<StreamId, DirtyBlocks> changed = new LinkedHashMap<>();
        sizes.forEach((stream, size) -> {
            DirtyBlocks dirty = new DirtyBlocks(size);
            journal.touched(stream, after, upTo, dirty::mark);
            changed.put(stream, dirty);
        });
        List<Entry.Control> toldAgain = new ArrayList<>();
        journal.marks(after, upTo, mark -> toldAgain.addAll(toTellAgain(mark)));
        return new Found(changed, toldAgain);
    }

    /** Goes on copying: also what was changed, if that is known. If not, nothing is given up, and the changes are shipped. */
    private void copy(Tracking tracking, Optional<Found> found) {
        for (Stream stream : List.copyOf(streams.all())) {
            DirtyBlocks dirty = tracking.dirty.get(stream.id());
            if (dirty != null) { // else it was defined behind the records
                found.map(known -> known.changed().get(stream.id())).ifPresent(dirty::add);
                copies.begin(stream, dirty);
                tracking.dirty.put(stream.id(), dirty.copy());
            }
        }
    }

    /** What the restatement cannot say, since it says nothing of what is not there. */
    private static List<Entry.Control> toTellAgain(Mark mark) {
        return switch (mark.entry()) {
            case Entry.VmRemoved removed -> List.of(removed);
            case Entry.GuestRestarted restarted -> List.of(restarted);
            case Entry.Control other -> List.of();
        };
    }

    private CompletableFuture<Registration> tellAgain(List<Entry.Control> records) {
        return ask.apply(() -> {
            List<Entry.Control> still =
                    records.stream().filter(this::stillHolds).toList();
            return still.isEmpty()
                    ? new Decision.Answer(new Registration.Unchanged())
                    : new Decision.Append(still, () -> {});
        });
    }

    private boolean stillHolds(Entry.Control record) {
        return switch (record) {
            case Entry.VmRemoved removed -> streams.ledger().vm(removed.vm()).isEmpty();
            case Entry.GuestRestarted restarted ->
                streams.find(restarted.stream())
                        .filter(stream -> !streams.state(stream).awaitsRestart())
                        .isPresent();
            case Entry.Control other -> false;
        };
    }
}
