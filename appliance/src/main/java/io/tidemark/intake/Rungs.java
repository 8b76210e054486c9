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
import java.util.Map;
import java.util.Optional;
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

    private final EventLog events;
    private final BooleanSupplier shipping;
    private final Duration recoveryDelay;
    private final LongSupplier nanoTime;
    private final Function<StreamId, String> names;
    private final Map<StreamId, Rung> rungs = new HashMap<>();
    private volatile Optional<Instant> trackedSince;
    private long climbsAt;

    /**
     * @param shipping whether the peer takes what is appended
     * @param recoveryDelay from going down to coming up again
     * @param tracked when a life before went down, if it did
     * @param names of streams, for people
     */
    Rungs(
            EventLog events,
            BooleanSupplier shipping,
            Duration recoveryDelay,
            LongSupplier nanoTime,
            Optional<Instant> tracked,
            Function<StreamId, String> names) {
        this.events = events;
        this.shipping = shipping;
        this.recoveryDelay = recoveryDelay;
        this.nanoTime = nanoTime;
        this.names = names;
        this.trackedSince = tracked.filter(since -> left(since).isPositive());
        trackedSince.ifPresent(
                since -> climbsAt = nanoTime.getAsLong() + left(since).toNanos());
    }

    /** A stream is there, in the state that the journal has it in. */
    void take(StreamId stream, ShipState state) {
        rungs.computeIfAbsent(stream, unknown -> switch (state) {
            case FULL -> new Rung(Step.FULL, events.now(), "");
            case COPYING ->
                new Rung(outOfStep(), trackedSince.orElseGet(events::now), "the life before has left it so");
        });
    }

    void forget(StreamId stream) {
        rungs.remove(stream);
    }

    /** What was appended has left the stream in this state. */
    void changed(StreamId stream, ShipState after, Entry.Control entry) {
        if (entry instanceof Entry.Track && trackedSince.isEmpty()) {
            trackedSince = Optional.of(events.now());
            climbsAt = nanoTime.getAsLong() + recoveryDelay.toNanos();
        }
        switch (after) {
            case FULL -> move(stream, Step.FULL, "");
            case COPYING -> move(stream, outOfStep(), reason(entry));
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

    /** Goes up if it is time to. */
    void look() {
        if (trackedSince.isPresent() && shipping.getAsBoolean() && nanoTime.getAsLong() - climbsAt >= 0) {
            climb("the peer takes what is written");
        }
    }

    /** Goes up now: what the peer lacks is copied from here on. */
    void climb(String reason) {
        trackedSince = Optional.empty();
        rungs.entrySet().stream()
                .filter(each -> each.getValue().step() == Step.TRACKING)
                .map(Map.Entry::getKey)
                .toList()
                .forEach(stream -> move(stream, Step.COPYING, reason));
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
                            + (reason.isEmpty() ? ": the copy is complete" : ": " + reason));
            rungs.put(stream, new Rung(to, events.now(), reason));
        }
    }

    private Step outOfStep() {
        return trackedSince.isPresent() ? Step.TRACKING : Step.COPYING;
    }

    private String reason(Entry.Control entry) {
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
