package io.tidemark.intake;

import io.tidemark.intake.OperatorRequest.Decision;
import io.tidemark.journal.Entry;
import io.tidemark.journal.Hold;
import io.tidemark.journal.Journal;
import io.tidemark.journal.Mark;
import io.tidemark.journal.Sequence;
import io.tidemark.journal.StreamId;
import io.tidemark.journal.VmId;
import io.tidemark.resync.DirtyBlocks;
import io.tidemark.vm.ShipState;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
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
                .thenCompose(saved -> ask.apply(() -> known(tracking)))
                .thenCompose(durable -> durable instanceof Registration.Refused
                        ? CompletableFuture.completedFuture(durable)
                        : lookForRemoved(tracking).thenCompose(found -> ask.apply(() -> decide(tracking, from, life))))
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
        private final Set<VmId> removed =
                new LinkedHashSet<>(); // VMs that the peer may know, and that are not there any more
        private final Map<StreamId, DirtyBlocks> dirty = new LinkedHashMap<>(); // of each stream that has any of them

        Tracking(Hold hold) {
            this.hold = hold;
        }
    }

    /** What the journal says of them. */
    private record Found(Map<StreamId, DirtyBlocks> changed, List<Entry.GuestRestarted> toldAgain) {}

    /** For the streams that have none: until something is given up, the replica lacks nothing of them. */
    private Map<StreamId, DirtyBlocks> emptyBitmaps() {
        Map<StreamId, DirtyBlocks> empty = new LinkedHashMap<>();
        streams.all().stream()
                .filter(stream -> streams.state(stream).ship() == ShipState.FULL)
                .forEach(stream ->
                        empty.put(stream.id(), new DirtyBlocks(stream.disk().sizeBytes())));
        return empty;
    }

    /** Any of these may be removed from now on. The answer comes when all is durable that was appended before. */
    private Decision known(Tracking tracking) {
        streams.ledger().vms().forEach(vm -> tracking.removed.add(vm.id()));
        return new Decision.Answer(new Registration.Unchanged());
    }

    private CompletableFuture<Void> lookForRemoved(Tracking tracking) {
        return CompletableFuture.supplyAsync(
                        () -> {
                            Set<VmId> removed = new LinkedHashSet<>();
                            journal.marks(
                                    Sequence.later(tracking.hold.upTo(), journal.trimmed()),
                                    journal.durable(),
                                    mark -> {
                                        if (mark.entry() instanceof Entry.VmRemoved gone) {
                                            removed.add(gone.vm());
                                        }
                                    });
                            return removed;
                        },
                        blocking)
                .thenAcceptAsync(tracking.removed::addAll, owner);
    }

    /** VMs that are gone are told of before anything that may be a point: the peer, which may know them, would take it for one of theirs, too. */
    private Decision decide(Tracking tracking, Sequence from, Entry.Opened life) {
        List<Entry.Control> gone = tracking.removed.stream()
                .filter(vm -> streams.ledger().vm(vm).isEmpty())
                .<Entry.Control>map(Entry.VmRemoved::new)
                .toList();
        Restatement restatement =
                new Restatement(streams, life, gone, stream -> new Entry.Track(stream.id(), from, false), false);
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
                .thenComposeAsync(told -> save(tracking, told, to), owner);
    }

    /** The last step, unless something that the peer has to hear could not be said any more. */
    private CompletableFuture<Registration> save(Tracking tracking, Registration told, Sequence to) {
        tracking.dirty.keySet().removeIf(stream -> streams.find(stream).isEmpty()); // its bitmap is deleted already
        return told instanceof Registration.Refused
                ? CompletableFuture.completedFuture(told)
                : saves.write(tracking.dirty)
                        .thenRunAsync(() -> tracking.dirty.keySet().forEach(copies::remembered), owner)
                        .thenApply(remembered -> new Registration.Done(to));
    }

    private Found find(Sequence from, Sequence upTo, Map<StreamId, Long> sizes) {
        Sequence after = Sequence.later(from, journal.trimmed());
        Map<StreamId, DirtyBlocks> changed = new LinkedHashMap<>();
        sizes.forEach((stream, size) -> {
            DirtyBlocks dirty = new DirtyBlocks(size);
            journal.touched(stream, after, upTo, dirty::mark);
            changed.put(stream, dirty);
        });
        List<Entry.GuestRestarted> toldAgain = new ArrayList<>();
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

    /** What the restatement cannot say, since it says nothing of what is not so. */
    private static List<Entry.GuestRestarted> toTellAgain(Mark mark) {
        return mark.entry() instanceof Entry.GuestRestarted restarted ? List.of(restarted) : List.of();
    }

    private CompletableFuture<Registration> tellAgain(List<Entry.GuestRestarted> records) {
        return ask.apply(() -> {
            List<Entry.Control> still = records.stream()
                    .filter(this::stillHolds)
                    .<Entry.Control>map(each -> each)
                    .toList();
            return still.isEmpty()
                    ? new Decision.Answer(new Registration.Unchanged())
                    : new Decision.Append(still, () -> {});
        });
    }

    private boolean stillHolds(Entry.GuestRestarted record) {
        return streams.find(record.stream())
                .filter(stream -> !streams.state(stream).awaitsRestart())
                .isPresent();
    }
}
