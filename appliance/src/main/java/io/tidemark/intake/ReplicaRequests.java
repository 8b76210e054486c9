package io.tidemark.intake;

import io.tidemark.intake.OperatorRequest.Decision;
import io.tidemark.journal.Entry;
import io.tidemark.journal.Sequence;
import io.tidemark.journal.Side;
import io.tidemark.journal.StreamId;
import io.tidemark.resync.DirtyBlocks;
import java.util.Collection;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.Executor;
import java.util.function.Function;
import java.util.function.Supplier;

/** What is asked for because the replica cannot go on with what it has. Any thread; all that happens is the owner's. */
final class ReplicaRequests {

    private final Streams streams;
    private final ReplicaCopies copies;
    private final Rungs rungs;
    private final Saves saves;
    private final Backlog backlog;
    private final Executor owner;
    private final Function<Supplier<Decision>, CompletableFuture<Registration>> ask;

    /** @param ask has something decided and recorded when its turn comes */
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

    CompletableFuture<Registration> copy(StreamId stream) {
        return onceSaved(() -> streams.find(stream).stream().toList(), () -> streams.find(stream)
                .<Decision>map(found -> new Decision.Append(
                        List.of(new Entry.CopyBegin(found.id(), found.epoch(), Side.SHIP)),
                        () -> copies.beginAll(found)))
                .orElseGet(() -> new Decision.Answer(new Registration.Unknown())));
    }

    CompletableFuture<Registration> beginLineage(Entry.Opened life, boolean rolledBack) {
        return onceSaved(streams::all, () -> new NewLineage(streams, copies, rungs).begin(life, rolledBack));
    }

    CompletableFuture<Registration> giveUpBacklog(Sequence from, Entry.Opened life) {
        return CompletableFuture.completedFuture(from).thenComposeAsync(behind -> backlog.giveUp(behind, life), owner);
    }

    /** The streams are to be copied as a whole: that is on the disk before it is decided. */
    private CompletableFuture<Registration> onceSaved(Supplier<Collection<Stream>> whole, Supplier<Decision> decide) {
        return CompletableFuture.supplyAsync(whole, owner)
                .thenComposeAsync(found -> saves.write(bitmaps(found)), owner)
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
