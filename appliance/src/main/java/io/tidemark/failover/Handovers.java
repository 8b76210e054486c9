package io.tidemark.failover;

import io.tidemark.journal.Sequence;
import io.tidemark.journal.VmId;
import io.tidemark.replica.FloorHold;
import io.tidemark.replica.HeldPoint;
import io.tidemark.replica.Replica;
import io.tidemark.term.Claim;
import io.tidemark.term.Term;
import io.tidemark.vm.Vm;
import java.time.Duration;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionException;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.function.Supplier;

/** Asks the source of VMs to yield, and finds out whether everything of theirs is here. Calls block. */
final class Handovers {

    /** What the replica's owner may be late by, before it is taken for stuck. */
    private static final Duration OWNER_PATIENCE = Duration.ofSeconds(30);

    private static final Duration LOOK_EVERY = Duration.ofMillis(20);

    /**
     * A point in use.
     *
     * @param points of each VM, all at one sequence
     */
    record Held(FloorHold hold, List<HeldPoint> points) {}

    /** What became of a question. */
    sealed interface Answer {

        /** The source takes nothing of the VMs any more, and nothing of them is behind this point. */
        record Whole(Held held) implements Answer {}

        /** The reason is for people. */
        record Lacking(String reason) implements Answer {}
    }

    private record Asked(VmId vm, Term term) {}

    private final Roles roles;
    private final String here;
    private final Duration patience;
    private final Map<Asked, CompletableFuture<Claim>> asked = new ConcurrentHashMap<>(); // one failover at a time

    /** @param patience how long a source may take to stop, and to ship what it has */
    Handovers(Roles roles, String here, Duration patience) {
        this.roles = roles;
        this.here = here;
        this.patience = patience;
        roles.onClaim((peer, claim) -> {
            CompletableFuture<Claim> waiting = asked.get(new Asked(claim.vm(), claim.term()));
            if (waiting != null && claim.kind() == Claim.Kind.YIELDED) {
                waiting.complete(claim);
            }
        });
    }

    /**
     * Asks for what is wanted, which is durable: one VM, or all of a group.
     *
     * @param newest holds the newest consistent point of all of them
     */
    Answer ask(List<Failover> wanted, Replica replica, Supplier<CompletableFuture<Optional<Held>>> newest) {
        Map<Asked, CompletableFuture<Claim>> yielded = new LinkedHashMap<>();
        wanted.forEach(
                each -> yielded.put(new Asked(each.vm().id(), new Term(each.term(), here)), new CompletableFuture<>()));
        CompletableFuture<Void> arrived = new CompletableFuture<>();
        asked.putAll(yielded);
        try {
            wanted.forEach(each -> roles.tell(each.peer(), each.claim(here, Claim.Kind.WANTED)));
            CompletableFuture<Answer> answer = new CompletableFuture<>();
            CompletableFuture<Answer> unused = CompletableFuture.allOf(
                            yielded.values().toArray(CompletableFuture<?>[]::new))
                    .thenApply(all -> last(yielded))
                    .thenCompose(last -> arrival(replica, last, arrived)
                            .thenCompose(all -> newest.get())
                            .thenApply(held -> judge(wanted, held, last)))
                    .whenComplete((found, failure) -> {
                        boolean taken =
                                failure == null ? answer.complete(found) : answer.completeExceptionally(failure);
                        if (!taken && found instanceof Answer.Whole late) {
                            late.held().hold().close();
                        }
                    });
            replica.owner().after(patience, () -> answer.complete(late(yielded)));
            return answer.completeOnTimeout(
                            new Answer.Lacking("the replica does not answer"),
                            patience.plus(OWNER_PATIENCE).toMillis(),
                            TimeUnit.MILLISECONDS)
                    .get();
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            return new Answer.Lacking("the appliance is stopping");
        } catch (ExecutionException | CompletionException e) {
            return new Answer.Lacking("the replica cannot say what it has: " + e.getCause());
        } finally {
            asked.keySet().removeAll(yielded.keySet());
            arrived.cancel(false);
        }
    }

    private Answer late(Map<Asked, CompletableFuture<Claim>> yielded) {
        return new Answer.Lacking(
                yielded.values().stream().allMatch(CompletableFuture::isDone)
                        ? "not everything that the source has came here within " + patience.toSeconds() + " s"
                        : "the source did not yield within " + patience.toSeconds() + " s");
    }

    /** Nothing of the guests comes behind this. All have been told. */
    private static Sequence last(Map<Asked, CompletableFuture<Claim>> yielded) {
        return yielded.values().stream()
                .map(CompletableFuture::join)
                .map(Claim::last)
                .reduce(Sequence.NONE, Sequence::later);
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

    private static Answer judge(List<Failover> wanted, Optional<Held> held, Sequence last) {
        if (held.isEmpty()) {
            return new Answer.Lacking(
                    wanted.size() == 1
                            ? "the VM has no consistent recovery point here"
                            : "the VMs have no consistent recovery point in common here");
        }
        Optional<String> objection = wanted.stream()
                .flatMap(each -> objection(each.vm(), held.get().points(), last).stream())
                .findFirst()
                .or(() -> stranger(wanted, held.get().points()));
        objection.ifPresent(why -> held.get().hold().close());
        return objection.<Answer>map(Answer.Lacking::new).orElseGet(() -> new Answer.Whole(held.get()));
    }

    /** Why a VM is not as a whole in the point. */
    private static Optional<String> objection(Vm wanted, List<HeldPoint> points, Sequence last) {
        Optional<HeldPoint> found = points.stream()
                .filter(each -> each.point().vm().id().equals(wanted.id()))
                .findFirst();
        if (found.isEmpty()) {
            return Optional.of("VM " + wanted.name() + " is not in the newest consistent point of its group, record "
                    + points.getFirst().point().sequence());
        }
        HeldPoint point = found.get();
        if (!point.point().vm().sharesDisksWith(wanted)) {
            return Optional.of(
                    "since VM " + wanted.name() + " came back to its source it has no consistent recovery point here");
        }
        if (!point.point().vm().isShapedLike(wanted)) {
            return Optional.of("the newest consistent point is record "
                    + point.point().sequence() + ", and the disks of VM " + wanted.name() + " have changed since");
        }
        Sequence behind = point.content().last(point.point().vm());
        return behind.isAfter(point.point().sequence())
                ? Optional.of("the newest consistent point is record "
                        + point.point().sequence() + ", and VM " + wanted.name() + " has record " + behind
                        + " behind it, of " + last + " that its source has")
                : Optional.empty();
    }

    private static Optional<String> stranger(List<Failover> wanted, List<HeldPoint> points) {
        return points.stream()
                .map(each -> each.point().vm())
                .filter(vm -> wanted.stream().noneMatch(each -> each.vm().id().equals(vm.id())))
                .findFirst()
                .map(vm -> "VM " + vm.name() + " has left the group since its newest consistent point");
    }
}
