package io.tidemark.replica;

import static org.assertj.core.api.Assertions.assertThat;

import io.tidemark.journal.Sequence;
import java.time.Duration;
import java.util.List;
import org.junit.jupiter.api.Test;

class RecoveryWindowTest {

    private static final long SECOND = 1_000_000_000L;
    private static final Duration HOUR = Duration.ofHours(1);
    private static final long NO_LIMIT = Long.MAX_VALUE;

    private final RecoveryWindow window = new RecoveryWindow(HOUR, 1000, List.of(), 0);

    @Test
    void nothingHasLeftAnEmptyWindow() {
        assertThat(window.left(Duration.ZERO, 0, SECOND)).isEqualTo(Sequence.NONE);
        assertThat(window.bytesSince(Sequence.NONE)).isZero();
    }

    @Test
    void whatIsOlderThanTheTimeHasLeft() {
        window.sample(new Sequence(10), 100, 0);
        window.sample(new Sequence(20), 100, 1800 * SECOND);

        assertThat(window.left(HOUR, NO_LIMIT, 3600 * SECOND)).isEqualTo(Sequence.NONE);
        assertThat(window.left(HOUR, NO_LIMIT, 3601 * SECOND)).isEqualTo(new Sequence(10));
        assertThat(window.left(HOUR, NO_LIMIT, 5401 * SECOND)).isEqualTo(new Sequence(20));
    }

    @Test
    void whatIsFurtherBackThanTheBytesHasLeft() {
        window.sample(new Sequence(10), 100, 0);
        window.sample(new Sequence(20), 100, SECOND);
        window.sample(new Sequence(30), 100, 2 * SECOND);

        assertThat(window.left(HOUR, 200, 2 * SECOND)).isEqualTo(Sequence.NONE);
        assertThat(window.left(HOUR, 199, 2 * SECOND)).isEqualTo(new Sequence(10));
        assertThat(window.left(HOUR, 99, 2 * SECOND)).isEqualTo(new Sequence(20));
        assertThat(window.bytesSince(new Sequence(10))).isEqualTo(200);
    }

    @Test
    void bytesThatBelongToNoNewSequenceYetAreNotForgotten() {
        window.sample(new Sequence(10), 100, 0);
        window.sample(new Sequence(10), 70, SECOND); // appended, not durable yet
        window.sample(new Sequence(20), 30, 2 * SECOND);

        assertThat(window.bytesSince(new Sequence(10))).isEqualTo(100);
    }

    @Test
    void agesStandStillWhileTheApplianceIsDown() {
        window.sample(new Sequence(10), 100, 0);
        List<RecoveryWindow.Saved> saved = window.save(1800 * SECOND);

        RecoveryWindow again = new RecoveryWindow(HOUR, 1000, saved, -7 * SECOND);

        assertThat(again.left(HOUR, NO_LIMIT, 1793 * SECOND)).isEqualTo(Sequence.NONE);
        assertThat(again.left(HOUR, NO_LIMIT, 1794 * SECOND)).isEqualTo(new Sequence(10));
    }

    @Test
    void staysSmallAndNeverLetsAnythingLeaveEarly() {
        int count = 10 * RecoveryWindow.SAMPLES_MAX;
        for (int i = 1; i <= count; i++) {
            window.sample(new Sequence(i), 10, i * SECOND);
        }

        assertThat(window.save(count * SECOND)).hasSizeLessThanOrEqualTo(RecoveryWindow.SAMPLES_MAX);
        for (int age = 1; age < count; age += 997) {
            Sequence left = window.left(Duration.ofSeconds(age), NO_LIMIT, count * SECOND);
            assertThat(left.number()).isLessThan(count - age);
        }
        assertThat(window.bytesSince(new Sequence(count / 2))).isLessThanOrEqualTo(10L * count / 2);
    }

    @Test
    void whatComesAllTheTimeLeavesAWindowOfAnyLength() {
        Duration day = Duration.ofDays(1);
        RecoveryWindow steady = new RecoveryWindow(day, NO_LIMIT, List.of(), 0);
        int seconds = 3 * 24 * 3600;
        for (int i = 1; i <= seconds; i++) {
            steady.sample(new Sequence(i), 10, i * SECOND);
        }

        assertThat(steady.left(day, NO_LIMIT, seconds * SECOND).number())
                .isBetween((long) (seconds - 1.01 * day.toSeconds()), seconds - day.toSeconds());
        assertThat(steady.save(seconds * SECOND)).hasSizeLessThanOrEqualTo(RecoveryWindow.SAMPLES_MAX);
    }

    @Test
    void whatComesInAMomentLeavesAWindowInBytes() {
        long windowBytes = 1 << 20;
        RecoveryWindow fast = new RecoveryWindow(HOUR, windowBytes, List.of(), 0);
        int records = 100_000;
        for (int i = 1; i <= records; i++) {
            fast.sample(new Sequence(i), 100, SECOND);
        }

        assertThat(fast.left(HOUR, windowBytes, SECOND).number())
                .isBetween((long) (records - 1.01 * windowBytes / 100), records - windowBytes / 100);
    }

    @Test
    void staysSmallAndKeepsTheOldestWhileSomethingHoldsTheFloor() {
        int count = 20 * RecoveryWindow.SAMPLES_MAX;
        for (int i = 1; i <= count; i++) {
            window.sample(new Sequence(i), 1000, i * SECOND);
        }

        assertThat(window.save(count * SECOND)).hasSizeLessThanOrEqualTo(RecoveryWindow.SAMPLES_MAX);
        assertThat(window.bytesSince(new Sequence(1))).isEqualTo(1000L * (count - 1));
    }

    @Test
    void forgetsWhatIsBeforeTheFloor() {
        for (int i = 1; i <= 10; i++) {
            window.sample(new Sequence(i * 10L), 100, i * SECOND);
        }

        window.forgetBefore(new Sequence(55));

        assertThat(window.save(10 * SECOND))
                .extracting(RecoveryWindow.Saved::received)
                .startsWith(new Sequence(60));
        assertThat(window.bytesSince(new Sequence(60))).isEqualTo(400);
    }
}
