package io.tidemark.metrics;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import io.tidemark.journal.Sequence;
import org.junit.jupiter.api.Test;

class LagTrackerTest {

    private static final long SECOND = 1_000_000_000L;

    private final LagTracker tracker = new LagTracker();

    @Test
    void aWatermarkAtTheEndIsNotBehind() {
        tracker.sample(new Sequence(10), 1000, 0);
        tracker.sample(new Sequence(20), 3000, SECOND);

        assertThat(tracker.bytesBehind(new Sequence(20))).isZero();
        assertThat(tracker.secondsBehind(new Sequence(20), 50 * SECOND)).isZero();
    }

    @Test
    void countsFromTheSampleTheWatermarkHasReached() {
        tracker.sample(new Sequence(10), 1000, 0);
        tracker.sample(new Sequence(20), 3000, SECOND);
        tracker.sample(new Sequence(30), 7000, 2 * SECOND);

        assertThat(tracker.bytesBehind(new Sequence(20))).isEqualTo(4000);
        assertThat(tracker.secondsBehind(new Sequence(20), 5 * SECOND)).isEqualTo(4);
        assertThat(tracker.bytesBehind(new Sequence(15))).isEqualTo(6000);
        assertThat(tracker.secondsBehind(new Sequence(15), 5 * SECOND)).isEqualTo(5);
    }

    @Test
    void whatIsBeforeTheFirstSampleIsAsOldAsThatAtLeast() {
        tracker.sample(new Sequence(10), 1000, 0);
        tracker.sample(new Sequence(20), 3000, SECOND);

        assertThat(tracker.bytesBehind(Sequence.NONE)).isEqualTo(2000);
        assertThat(tracker.secondsBehind(Sequence.NONE, 3 * SECOND)).isEqualTo(3);
    }

    @Test
    void anIdleJournalDoesNotMakeWhatComesNextLookOld() {
        tracker.sample(new Sequence(10), 1000, 0);
        for (int i = 1; i <= 100; i++) {
            tracker.sample(new Sequence(10), 1000, i * SECOND);
        }
        tracker.sample(new Sequence(11), 1500, 101 * SECOND);

        assertThat(tracker.secondsBehind(new Sequence(10), 101 * SECOND)).isEqualTo(1);
        assertThat(tracker.bytesBehind(new Sequence(10))).isEqualTo(500);
    }

    @Test
    void tellsTheRateOfTheLastSamples() {
        for (int i = 0; i <= 60; i++) {
            tracker.sample(new Sequence(i + 1L), i * 500L, i * SECOND);
        }

        assertThat(tracker.bytesPerSecond()).isCloseTo(500, within(0.001));
    }

    @Test
    void staysSmall() {
        for (int i = 0; i < 2 * LagTracker.SAMPLES_MAX; i++) {
            tracker.sample(new Sequence(i + 1L), i, i * SECOND);
        }

        assertThat(tracker.bytesBehind(Sequence.NONE)).isEqualTo(LagTracker.SAMPLES_MAX - 1);
    }
}
