package io.tidemark.failover;

import io.tidemark.journal.Sequence;
import io.tidemark.journal.VmId;
import io.tidemark.replica.HeldPoint;
import io.tidemark.replica.PointChoice;
import io.tidemark.replica.Replica;
import io.tidemark.term.Claim;
import io.tidemark.term.Term;
import io.tidemark.vm.Vm;
import java.time.Duration;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionException;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;

/** Asks sources to yield, and finds out whether everything of theirs is here. Calls block. */
final class Handovers {

    /** How long a source may take to stop, and to ship what it has. */
    static final Duration PATIENCE = Duration.ofSeconds(30);

    private static final Duration LOOK_EVERY = Duration.ofMillis(20);

    /** What became of a question. */
    sealed interface Answer {

        /** The source takes nothing any more, and nothing of the VM is behind this point. */
        record Whole(HeldPoint held) implements Answer {}

        /** The reason is for people. */
        record Lacking(String reason) implements Answer {}
    }

    private record Asked(VmId vm, Term term) {}

    private final Roles roles;
    private final String here;
    private final Map<Asked, CompletableFuture<Claim>> asked = new ConcurrentHashMap<>(); // one at a time

    Handovers(Roles roles, String here) {
        this.roles = roles;
        this.here = here;
        roles.onClaim((peer, claim) -> {
            CompletableFuture<Claim> waiting = asked.get(new Asked(claim.vm(), claim.term()));
            if (waiting != null && claim.kind() == Claim.Kind.YIELDED) {
                waiting.complete(claim);
            }
        });
    }

    /** Asks for what is wanted, which is durable. */
    Answer ask(Failover wanted, Replica replica) {
        Asked question = new Asked(wanted.vm().id(), new Term(wanted.term(), here));
        CompletableFuture<Claim> yielded = new CompletableFuture<>();
        CompletableFuture<Void> arrived = new CompletableFuture<>();
        asked.put(question, yielded);
        try {
            roles.tell(wanted.peer(), wanted.claim(here, Claim.Kind.WANTED));
            CompletableFuture<Answer> answer = yielded.thenCompose(claim -> arrival(replica, claim.last(), arrived)
                    .thenCompose(all -> replica.hold(wanted.vm().id(), new PointChoice.Latest(), () -> {}))
                    .thenApply(held -> judge(wanted.vm(), held, claim.last())));
            return answer.get(PATIENCE.toMillis(), TimeUnit.MILLISECONDS);
        } catch (TimeoutException late) {
            return new Answer.Lacking(
                    yielded.isDone()
                            ? "not everything that the source has came here within " + PATIENCE.toSeconds() + " s"
                            : "the source did not yield within " + PATIENCE.toSeconds() + " s");
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            return new Answer.Lacking("the appliance is stopping");
        } catch (ExecutionException | CompletionException e) {
            return new Answer.Lacking("the replica cannot say what it has: " + e.getCause());
        } finally {
            asked.remove(question);
            arrived.cancel(false);
        }
    }

    /** Looks again and again whether everything up to a record is here, until it is or nobody waits for it any more. */
    private static CompletableFuture<Void> arrival(Replica replica, Sequence last, CompletableFuture<Void> arrived) {
        replica.status()
                .thenAccept(status -> {
                    if (!status.durable().isBefore(last)) {
                        arrived.complete(null);
                    } else if (!arrived.isDone()) {
                        replica.owner().after(LOOK_EVERY, () -> {
                            var unused = arrival(replica, last, arrived);
                        });
                    }
                })
                .exceptionally(failure -> {
                    arrived.completeExceptionally(failure);
                    return null;
                });
        return arrived;
    }

    private static Answer judge(Vm wanted, Optional<HeldPoint> held, Sequence last) {
        if (held.isEmpty()) {
            return new Answer.Lacking("the VM has no consistent recovery point here");
        }
        HeldPoint point = held.get();
        if (!point.point().vm().hasDisksOf(wanted)) {
            point.hold().close();
            return new Answer.Lacking("since the VM came back to its source it has no consistent recovery point here");
        }
        Sequence behind = point.content().last(point.point().vm());
        if (behind.isAfter(point.point().sequence())) {
            point.hold().close();
            return new Answer.Lacking("the newest consistent point is record "
                    + point.point().sequence() + ", and the VM has record " + behind + " behind it, of " + last
                    + " that its source has");
        }
        return new Answer.Whole(point);
    }
}
