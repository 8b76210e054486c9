package io.tidemark.intake;

import io.tidemark.events.Event;
import io.tidemark.events.EventLog;
import io.tidemark.intake.Rung.Step;
import io.tidemark.journal.Entry;
import io.tidemark.journal.StreamId;
import io.tidemark.vm.ShipState;
import java.time.Duration;
import java.time.Instant;
import java.util.HashMap;
import java.util.HashSet;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.function.BooleanSupplier;
import java.util.function.Function;
import java.util.function.LongSupplier;

/**
 * On which rung of the ladder each stream of a journal is, since when and why (docs/architecture.md, "When it cannot keep up"). The owner's.
 *
 * <p>What goes down does so at once. It comes up again only a while after, so that a load which the link cannot carry moves a stream down and
 * up at most once in that time, and not with each filling of the journal.
 */
final class Rungs {

    private static final String HELD_BACK = "the peer takes less than is written, and others go before it";

    private final EventLog events;
    private final BooleanSupplier shipping;
    private final LongSupplier mergedRanges;
    private final Duration recoveryDelay;
    private final LongSupplier nanoTime;
    private final Function<StreamId, String> names;
    private final Map<StreamId, Rung> rungs = new HashMap<>();
    private final Set<StreamId> heldBack = new HashSet<>();
    private volatile Optional<Instant> trackedSince;
    private long climbsAt;
    private long seenMerged;
    private boolean merges;
    private long mergesUntil;

    /**
     * @param shipping whether the peer takes what is appended
     * @param mergedRanges how many ranges were merged, since whenever
     * @param recoveryDelay from going down to coming up again
     * @param tracked when a life before went down, if it did
     * @param names of streams, for people
     */
    Rungs(
            EventLog events,
            BooleanSupplier shipping,
            LongSupplier mergedRanges,
            Duration recoveryDelay,
            LongSupplier nanoTime,
            Optional<Instant> tracked,
            Function<StreamId, String> names) {
        this.events = events;
        this.shipping = shipping;
        this.mergedRanges = mergedRanges;
        this.seenMerged = mergedRanges.getAsLong();
        this.recoveryDelay = recoveryDelay;
        this.nanoTime = nanoTime;
        this.names = names;
        this.trackedSince = tracked.filter(since -> left(since).isPositive());
        trackedSince.ifPresent(
                since -> climbsAt = nanoTime.getAsLong() + left(since).toNanos());
    }

    /**
     * A stream is there, in the state that the journal has it in.
     *
     * @param why its replica is out of step, should it be
     */
    void take(StreamId stream, ShipState state, String why) {
        rungs.computeIfAbsent(stream, unknown -> switch (state) {
            case FULL -> new Rung(inStep(), events.now(), "");
            case COPYING -> new Rung(outOfStep(stream), trackedSince.orElseGet(events::now), why);
        });
    }

    void forget(StreamId stream) {
        rungs.remove(stream);
        heldBack.remove(stream);
    }

    /** From its next record on the stream's changes are not shipped, for the sake of more urgent ones. */
    void holdBack(StreamId stream) {
        heldBack.add(stream);
    }

    /** It is held back no longer. */
    void letGo(StreamId stream) {
        heldBack.remove(stream);
        if (of(stream).step() == Step.TRACKING) {
            move(stream, outOfStep(stream), "the peer takes what is written");
        }
    }

    /** Nobody is held back any more, since all that the peer lacks is given up. */
    void forgetHoldBacks() {
        heldBack.clear();
    }

    /** Who is held back. */
    Set<StreamId> heldBack() {
        return Set.copyOf(heldBack);
    }

    /** What was appended has left the stream in this state. */
    void changed(StreamId stream, ShipState after, Entry.Control entry) {
        if (entry instanceof Entry.Track && !heldBack.contains(stream) && trackedSince.isEmpty()) {
            trackedSince = Optional.of(events.now());
            climbsAt = nanoTime.getAsLong() + recoveryDelay.toNanos();
        }
        switch (after) {
            case FULL -> move(stream, inStep(), merges ? "the peer takes less than is written" : "");
            case COPYING -> move(stream, outOfStep(stream), reason(stream, entry));
        }
    }

    /** Where a stream is now. */
    Rung of(StreamId stream) {
        return rungs.getOrDefault(stream, new Rung(Step.FULL, events.now(), ""));
    }

    /** Whether the peer gets copies of what it lacks. */
    boolean copies() {
        return trackedSince.isEmpty() && shipping.getAsBoolean();
    }

    /** When the streams that are tracked went down, if any are. Any thread. */
    Optional<Instant> trackedSince() {
        return trackedSince;
    }

    /** Goes up if it is time to, and down to what has begun to be merged. */
    void look() {
        lookAtMerging();
        if (trackedSince.isPresent() && shipping.getAsBoolean() && nanoTime.getAsLong() - climbsAt >= 0) {
            climb("the peer takes what is written");
        }
    }

    private void lookAtMerging() {
        long merged = mergedRanges.getAsLong();
        boolean more = merged > seenMerged; // it begins anew with another address of the peer
        seenMerged = merged;
        if (more) {
            merges = true;
            mergesUntil = nanoTime.getAsLong() + recoveryDelay.toNanos();
            moveAll(Step.FULL, Step.MERGED, "the peer takes less than is written");
        } else if (merges && nanoTime.getAsLong() - mergesUntil >= 0) {
            merges = false;
            moveAll(Step.MERGED, Step.FULL, "");
        }
    }

    /** Goes up now: what the peer lacks is copied from here on. */
    void climb(String reason) {
        trackedSince = Optional.empty();
        moveAllBut(heldBack, Step.TRACKING, Step.COPYING, reason);
    }

    private void moveAll(Step from, Step to, String reason) {
        moveAllBut(Set.of(), from, to, reason);
    }

    private void moveAllBut(Set<StreamId> these, Step from, Step to, String reason) {
        rungs.entrySet().stream()
                .filter(each -> each.getValue().step() == from)
                .map(Map.Entry::getKey)
                .filter(stream -> !these.contains(stream))
                .toList()
                .forEach(stream -> move(stream, to, reason));
    }

    private void move(StreamId stream, Step to, String reason) {
        Rung before = of(stream);
        if (before.step() != to) {
            boolean down = to.compareTo(before.step()) > 0;
            events.add(
                    down ? Event.Severity.WARNING : Event.Severity.INFO,
                    "stream-rung",
                    names.apply(stream),
                    before.step().label() + " -> " + to.label()
                            + (reason.isEmpty() ? ": " + recovered(before.step()) : ": " + reason));
            rungs.put(stream, new Rung(to, events.now(), reason));
        }
    }

    private static String recovered(Step before) {
        return before == Step.MERGED ? "the peer takes what is written" : "the copy is complete";
    }

    private Step inStep() {
        return merges ? Step.MERGED : Step.FULL;
    }

    private Step outOfStep(StreamId stream) {
        return trackedSince.isPresent() || heldBack.contains(stream) ? Step.TRACKING : Step.COPYING;
    }

    private String reason(StreamId stream, Entry.Control entry) {
        if (heldBack.contains(stream)) {
            return HELD_BACK;
        }
        if (entry instanceof Entry.Track) {
            return "the journal was filling up, since the peer "
                    + (shipping.getAsBoolean() ? "takes less than is written" : "is away");
        }
        return "all of it is copied anew";
    }

    /** What is left of the delay; all of it at the most, wherever the clock on the wall has gone. */
    private Duration left(Instant since) {
        Duration left = Duration.between(events.now(), since.plus(recoveryDelay));
        return left.compareTo(recoveryDelay) > 0 ? recoveryDelay : left;
    }
}
