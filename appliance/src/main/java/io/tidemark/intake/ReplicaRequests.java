package io.tidemark.intake;

import io.tidemark.intake.OperatorRequest.Decision;
import io.tidemark.journal.Entry;
import io.tidemark.journal.Sequence;
import io.tidemark.journal.Side;
import io.tidemark.journal.StreamId;
import io.tidemark.resync.DirtyBlocks;
import io.tidemark.vm.Vm;
import java.util.Collection;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.Executor;
import java.util.function.Function;
import java.util.function.Supplier;

/**
 * What is asked for because the replica cannot go on with what it has, or should not have it now. One after the other, since each writes bitmaps; before
 * what waits for room in the journal, since it may make some. Any thread; all that happens is the owner's.
 */
final class ReplicaRequests {

    private final Streams streams;
    private final ReplicaCopies copies;
    private final Rungs rungs;
    private final Saves saves;
    private final Backlog backlog;
    private final Executor owner;
    private final Function<Supplier<Decision>, CompletableFuture<Registration>> ask;
    private CompletableFuture<?> last = CompletableFuture.completedFuture(null); // the owner's

    /** @param ask has something decided and recorded, before what waits for room */
    ReplicaRequests(
            Streams streams,
            ReplicaCopies copies,
            Rungs rungs,
            Saves saves,
            Backlog backlog,
            Executor owner,
            Function<Supplier<Decision>, CompletableFuture<Registration>> ask) {
        this.streams = streams;
        this.copies = copies;
        this.rungs = rungs;
        this.saves = saves;
        this.backlog = backlog;
        this.owner = owner;
        this.ask = ask;
    }

    /** Copies all of a disk once more. */
    CompletableFuture<Registration> copy(StreamId stream) {
        return inTurn(() -> onceSaved(streams.find(stream).stream().toList(), () -> streams.find(stream)
                .<Decision>map(found -> new Decision.Append(
                        List.of(new Entry.CopyBegin(found.id(), found.epoch(), Side.SHIP)),
                        () -> copies.beginAll(found)))
                .orElseGet(() -> new Decision.Answer(new Registration.Unknown()))));
    }

    CompletableFuture<Registration> beginLineage(Entry.Opened life, boolean rolledBack) {
        return inTurn(
                () -> onceSaved(streams.all(), () -> new NewLineage(streams, copies, rungs).begin(life, rolledBack)));
    }

    CompletableFuture<Registration> giveUpBacklog(Sequence from, Entry.Opened life) {
        return inTurn(() -> {
            rungs.forgetHoldBacks();
            return backlog.giveUp(from, life);
        });
    }

    /**
     * Ships no changes of these VMs from here on, and copies nothing of them: what they change becomes dirty. Until their streams are copied they make no
     * points.
     */
    CompletableFuture<Registration> holdBack(List<Vm> vms) {
        return inTurn(() -> {
            List<Stream> all = streamsOf(vms);
            return copies.rememberTracking(all)
                    .thenCompose(remembered -> ask.apply(() -> decideHoldBack(streamsOf(vms))))
                    .exceptionally(failure ->
                            new Registration.Refused("what is changed cannot be remembered: " + failure.getMessage()))
                    .whenCompleteAsync((answer, failure) -> copies.forgetUntracked(all), owner);
        });
    }

    private Decision decideHoldBack(List<Stream> all) {
        if (all.isEmpty()) {
            return new Decision.Answer(new Registration.Unknown());
        }
        all.forEach(stream -> rungs.holdBack(stream.id()));
        return new Decision.Append(
                all.stream()
                        .<Entry.Control>map(stream -> new Entry.Track(stream.id(), streams.appended(), false))
                        .toList(),
                () -> all.forEach(copies::track));
    }

    private List<Stream> streamsOf(List<Vm> vms) {
        return streams.all().stream()
                .filter(stream -> vms.stream().anyMatch(vm -> vm.has(stream.id())))
                .toList();
    }

    /** When those before it are through. */
    private CompletableFuture<Registration> inTurn(Supplier<CompletableFuture<Registration>> request) {
        return CompletableFuture.completedFuture(request).thenComposeAsync(this::enqueue, owner);
    }

    private CompletableFuture<Registration> enqueue(Supplier<CompletableFuture<Registration>> request) {
        CompletableFuture<Registration> done = last.thenComposeAsync(
                        before -> {
                            copies.pauseSaving();
                            return request.get();
                        },
                        owner)
                .whenCompleteAsync((answer, failure) -> copies.goOnSaving(), owner);
        last = done.handle((answer, failure) -> null);
        return done;
    }

    /** The streams are to be copied as a whole: that is on the disk before it is decided. */
    private CompletableFuture<Registration> onceSaved(Collection<Stream> whole, Supplier<Decision> decide) {
        return saves.write(bitmaps(whole))
                .thenCompose(saved -> ask.apply(decide))
                .exceptionally(failure -> new Registration.Refused(
                        "what has to be copied cannot be remembered: " + failure.getMessage()));
    }

    private static Map<StreamId, DirtyBlocks> bitmaps(Collection<Stream> whole) {
        Map<StreamId, DirtyBlocks> all = new LinkedHashMap<>();
        whole.forEach(stream -> all.put(stream.id(), ReplicaCopies.all(stream)));
        return all;
    }
}
