package io.tidemark.intake;

import static org.assertj.core.api.Assertions.assertThat;

import io.tidemark.events.Event;
import io.tidemark.events.EventLog;
import io.tidemark.hand.HandThread;
import io.tidemark.intake.Rung.Step;
import io.tidemark.journal.Entry;
import io.tidemark.journal.Epoch;
import io.tidemark.journal.Sequence;
import io.tidemark.journal.Side;
import io.tidemark.journal.StreamId;
import io.tidemark.vm.ShipState;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.UUID;
import org.junit.jupiter.api.Test;

/** Down at once, up late: what an operator sees of a stream whose peer does not keep up. */
class RungsTest {

    private static final Duration DELAY = Duration.ofMinutes(10);
    private static final StreamId STREAM = new StreamId(new UUID(1, 1));
    private static final Entry.Track TRACK = new Entry.Track(STREAM, Sequence.NONE, false);
    private static final Entry.CopyEnd COPIED = new Entry.CopyEnd(STREAM, Epoch.FIRST, Side.SHIP);

    private final HandThread time = new HandThread();
    private final EventLog events = new EventLog(this::now);
    private final Rungs rungs = rungs(Optional.empty());
    private Duration wallAhead = Duration.ZERO;
    private boolean shipping = true;
    private long mergedRanges;

    /** Only records move a stream: one that was to be held back, and was not after all, is where it was. */
    @Test
    void whatIsHeldBackGoesDownWithItsRecordAndUpAlone() {
        rungs.take(STREAM, ShipState.FULL, "");
        rungs.holdBack(STREAM);
        assertThat(rungs.of(STREAM).step()).isEqualTo(Step.FULL);
        rungs.letGo(STREAM);
        assertThat(rungs.of(STREAM).step()).isEqualTo(Step.FULL);

        // When it is
        rungs.holdBack(STREAM);
        rungs.changed(STREAM, ShipState.COPYING, TRACK);
        pass(DELAY);
        rungs.look();

        // Then: it does not come up with the others
        assertThat(rungs.of(STREAM).step()).isEqualTo(Step.TRACKING);
        assertThat(rungs.trackedSince()).isEmpty();

        // When
        rungs.letGo(STREAM);
        rungs.changed(STREAM, ShipState.FULL, COPIED);

        // Then
        assertThat(moves())
                .containsExactly(
                        "full -> tracking: the peer takes less than is written, and others go before it",
                        "tracking -> copying: the peer takes what is written",
                        "copying -> full: the copy is complete");
    }

    @Test
    void whatIsMergedIsSaidToBeUntilNothingWasForAWhile() {
        rungs.take(STREAM, ShipState.FULL, "");

        // When
        mergedRanges++;
        rungs.look();

        // Then
        assertThat(rungs.of(STREAM).step()).isEqualTo(Step.MERGED);
        pass(DELAY.minusSeconds(1));
        mergedRanges++;
        rungs.look();
        pass(DELAY.minusSeconds(1));
        rungs.look();
        assertThat(rungs.of(STREAM).step()).isEqualTo(Step.MERGED);

        // When the peer has moved, and nothing was merged for it yet
        mergedRanges = 0;
        pass(Duration.ofSeconds(1));
        rungs.look();
        assertThat(rungs.of(STREAM).step()).isEqualTo(Step.FULL);
        mergedRanges++;
        rungs.look();

        // When it is not enough
        rungs.changed(STREAM, ShipState.COPYING, TRACK);
        pass(DELAY);
        rungs.changed(STREAM, ShipState.FULL, COPIED);
        rungs.look();

        // Then
        assertThat(rungs.of(STREAM).step()).isEqualTo(Step.FULL);
        assertThat(moves())
                .containsExactly(
                        "full -> merged: the peer takes less than is written",
                        "merged -> full: the peer takes what is written",
                        "full -> merged: the peer takes less than is written",
                        "merged -> tracking: the journal was filling up, since the peer takes less than is written",
                        "tracking -> copying: the peer takes what is written",
                        "copying -> full: the copy is complete");
    }

    @Test
    void aStreamGoesDownAtOnceAndUpWhenTheDelayIsOver() {
        rungs.take(STREAM, ShipState.FULL, "");

        // When
        rungs.changed(STREAM, ShipState.COPYING, TRACK);

        // Then
        assertThat(rungs.of(STREAM).step()).isEqualTo(Step.TRACKING);
        assertThat(rungs.of(STREAM).reason()).contains("takes less than is written");
        pass(DELAY.minusSeconds(1));
        assertThat(rungs.copies()).isFalse();
        pass(Duration.ofSeconds(1));
        assertThat(rungs.of(STREAM).step()).isEqualTo(Step.COPYING);
        assertThat(rungs.copies()).isTrue();
        rungs.changed(STREAM, ShipState.FULL, COPIED);
        assertThat(rungs.of(STREAM)).isEqualTo(new Rung(Step.FULL, now(), ""));
        assertThat(moves())
                .containsExactly(
                        "full -> tracking: the journal was filling up, since the peer takes less than is written",
                        "tracking -> copying: the peer takes what is written",
                        "copying -> full: the copy is complete");
    }

    /** The journal fills up every two minutes, and each copy is done within one. */
    @Test
    void underConstantOverloadItGoesDownAndUpAtMostOnceInTheDelay() {
        rungs.take(STREAM, ShipState.FULL, "");
        List<Duration> downs = new ArrayList<>();
        List<Duration> ups = new ArrayList<>();
        for (int minute = 0; minute < 180; minute++) {
            Step before = rungs.of(STREAM).step();
            if (minute % 2 == 0) {
                rungs.changed(STREAM, ShipState.COPYING, TRACK);
            } else if (before == Step.COPYING) {
                rungs.changed(STREAM, ShipState.FULL, COPIED);
            }
            Step after = rungs.of(STREAM).step();
            if (before != Step.TRACKING && after == Step.TRACKING) {
                downs.add(Duration.ofMinutes(minute));
            }
            pass(Duration.ofMinutes(1));
            if (after == Step.TRACKING && rungs.of(STREAM).step() == Step.COPYING) {
                ups.add(Duration.ofMinutes(minute));
            }
        }

        assertThat(downs).hasSizeBetween(10, 18);
        assertThat(gaps(downs)).allMatch(gap -> gap.compareTo(DELAY) >= 0);
        assertThat(gaps(ups)).allMatch(gap -> gap.compareTo(DELAY) >= 0);
    }

    @Test
    void aPeerThatWasAwayForLongerIsCopiedToAsSoonAsItIsBack() {
        shipping = false;
        rungs.take(STREAM, ShipState.FULL, "");
        rungs.changed(STREAM, ShipState.COPYING, TRACK);
        assertThat(rungs.of(STREAM).reason()).contains("is away");
        pass(DELAY.multipliedBy(3));
        rungs.changed(STREAM, ShipState.COPYING, TRACK); // the journal fills up again
        assertThat(rungs.of(STREAM).step()).isEqualTo(Step.TRACKING);

        // When
        shipping = true;
        pass(Duration.ofSeconds(1));

        // Then
        assertThat(rungs.of(STREAM).step()).isEqualTo(Step.COPYING);
        assertThat(moves()).hasSize(2);
    }

    @Test
    void aRestartKeepsWhatIsLeftOfTheDelayWhateverTheClockOnTheWallSays() {
        Instant down = now();
        pass(Duration.ofMinutes(4));
        for (Duration jump : List.of(Duration.ZERO, Duration.ofDays(-30))) {
            wallAhead = jump;
            Rungs next = rungs(Optional.of(down));
            next.take(STREAM, ShipState.COPYING, "the life before has left it so");

            assertThat(next.of(STREAM).step()).isEqualTo(Step.TRACKING);
            assertThat(next.trackedSince()).contains(down);
            time.pass(jump.isZero() ? Duration.ofMinutes(6) : DELAY);
            next.look();
            assertThat(next.of(STREAM).step()).isEqualTo(Step.COPYING);
        }
        wallAhead = Duration.ofDays(1);
        assertThat(rungs(Optional.of(down)).trackedSince()).isEmpty();
    }

    @Test
    void aNewLineageIsNotDelayed() {
        rungs.take(STREAM, ShipState.FULL, "");
        rungs.changed(STREAM, ShipState.COPYING, TRACK);

        rungs.climb("a new lineage has begun");

        assertThat(rungs.copies()).isTrue();
        assertThat(rungs.of(STREAM).step()).isEqualTo(Step.COPYING);
    }

    private Rungs rungs(Optional<Instant> tracked) {
        return new Rungs(
                events, () -> shipping, () -> mergedRanges, DELAY, time::nanoTime, tracked, stream -> "shop/root");
    }

    private Instant now() {
        return Instant.EPOCH
                .plus(Duration.ofDays(365))
                .plusNanos(time.nanoTime())
                .plus(wallAhead);
    }

    private void pass(Duration passed) {
        time.pass(passed);
        rungs.look();
    }

    private List<String> moves() {
        List<Event> all = new ArrayList<>(events.since(0, 100));
        java.util.Collections.reverse(all);
        return all.stream()
                .filter(event -> event.kind().equals("stream-rung"))
                .map(Event::message)
                .toList();
    }

    private static List<Duration> gaps(List<Duration> instants) {
        List<Duration> gaps = new ArrayList<>();
        for (int i = 1; i < instants.size(); i++) {
            gaps.add(instants.get(i).minus(instants.get(i - 1)));
        }
        return gaps;
    }
}
