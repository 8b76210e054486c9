package io.tidemark.vm;

import static io.tidemark.vm.Vms.vm;
import static org.assertj.core.api.Assertions.assertThat;

import io.tidemark.journal.Sequence;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import org.junit.jupiter.api.Test;

class PointListTest {

    private static final Vm VM = vm(1, 0, AttachMode.DIRECT);
    private static final Instant BEGIN = Instant.parse("2026-01-01T00:00:00Z");

    private final PointList<RecoveryPoint> points = new PointList<>();
    private long sequence;

    @Test
    void thePointOfTheLastRecordReceivedStaysWhenLaterOnesAreWithdrawn() {
        add(BEGIN);
        add(BEGIN);
        add(BEGIN);

        // When
        points.withdraw(new Sequence(2), "lost");

        // Then
        assertThat(points.all()).extracting(RecoveryPoint::consistent).containsExactly(true, true, false);
        assertThat(points.newestConsistent(new Sequence(9)).orElseThrow().sequence())
                .isEqualTo(new Sequence(2));
    }

    @Test
    void theFirstReasonStays() {
        add(BEGIN);
        points.withdraw(Sequence.NONE, "first");

        // When
        points.withdraw(Sequence.NONE, "second");

        // Then
        assertThat(points.all().getFirst().standing()).isEqualTo(new Standing.Inconsistent("first"));
    }

    @Test
    void whatIsBeforeTheFloorIsForgottenTheFloorIsNot() {
        add(BEGIN);
        add(BEGIN);

        // When
        points.forgetBefore(new Sequence(2));

        // Then
        assertThat(points.all()).extracting(RecoveryPoint::sequence).containsExactly(new Sequence(2));
    }

    @Test
    void aPointIsFoundByTimeEvenIfTheClockWentBack() {
        add(BEGIN);
        add(BEGIN.minusSeconds(3600));

        assertThat(points.newestConsistent(BEGIN).orElseThrow().sequence()).isEqualTo(new Sequence(2));
        assertThat(points.newestConsistent(BEGIN.minusSeconds(7200))).isEmpty();
    }

    @Test
    void aKeptPointIsListedHoweverManyComeAfterIt() {
        Sequence kept = new Sequence(2);
        points.keep(kept);
        add(BEGIN);
        add(BEGIN.plusMillis(1));
        add(BEGIN.plusMillis(2));
        addEverySecondFor(Duration.ofHours(1));
        assertThat(points.at(kept)).isPresent();
        assertThat(points.at(kept.next())).isEmpty();

        // When
        points.release(kept);
        addEverySecondFor(Duration.ofHours(2));

        // Then
        assertThat(points.at(kept)).isEmpty();
    }

    @Test
    void allOfTheLastMinutesAreListedAndFewerOfWhatIsOlder() {
        int seconds = 4 * 3600;
        for (int i = 0; i < seconds; i++) {
            add(BEGIN.plusSeconds(i));
        }

        // Then
        Instant now = BEGIN.plusSeconds(seconds - 1);
        List<RecoveryPoint> recent = points.all().stream()
                .filter(point -> point.time().isAfter(now.minus(PointList.ALL)))
                .toList();
        assertThat(recent).hasSize((int) PointList.ALL.toSeconds());
        assertThat(points.all()).hasSizeBetween(seconds / 5, seconds / 5 * 2);
        assertThat(largestStep()).isLessThanOrEqualTo(Duration.ofSeconds(10));
    }

    @Test
    void aClockThatJumpsTakesNoPointFromTheList() {
        Duration jump = Duration.ZERO;
        for (int i = 0; i < 4000; i++) {
            if (i % 1000 == 500) {
                jump = i == 1500 ? Duration.ofHours(-30) : jump.plusHours(26);
            }
            add(BEGIN.plusMillis(i * 20L).plus(jump));
        }

        // Then: all came within the last minutes, whatever the clock says
        assertThat(points.all()).hasSize(4000);
    }

    @Test
    void aConsistentPointIsNotThinnedForOneThatIsNot() {
        for (int i = 0; i < 5000; i++) {
            add(BEGIN.plusMillis(i * 500L), i % 10 == 9);
        }

        // Then: of each step there is one that can be used
        List<RecoveryPoint> consistent =
                points.all().stream().filter(RecoveryPoint::consistent).toList();
        for (int i = 1; i < consistent.size(); i++) {
            assertThat(Duration.between(
                            consistent.get(i - 1).time(), consistent.get(i).time()))
                    .isLessThanOrEqualTo(PointList.DENSE_STEP.multipliedBy(2));
        }
    }

    @Test
    void theListIsBoundedAndKeepsTheNewestConsistentPoint() {
        add(BEGIN, true);
        for (int i = 0; i < 3 * PointList.POINTS_MAX; i++) {
            add(BEGIN.plusNanos(i), false); // none is old enough to be thinned
        }

        assertThat(points.all()).hasSizeLessThan(2 * PointList.POINTS_MAX);
        assertThat(points.newestConsistent(new Sequence(Long.MAX_VALUE))).isPresent();
        assertThat(points.newest().orElseThrow().sequence()).isEqualTo(new Sequence(sequence));
    }

    private Duration largestStep() {
        Duration largest = Duration.ZERO;
        List<RecoveryPoint> all = points.all();
        for (int i = 1; i < all.size(); i++) {
            Duration step = Duration.between(all.get(i - 1).time(), all.get(i).time());
            largest = step.compareTo(largest) > 0 ? step : largest;
        }
        return largest;
    }

    private void add(Instant time) {
        add(time, true);
    }

    private void add(Instant time, boolean consistent) {
        points.add(new RecoveryPoint(
                new Sequence(++sequence),
                time,
                RecoveryPoint.Kind.CUT,
                VM,
                consistent ? Standing.CONSISTENT : new Standing.Inconsistent("copying")));
    }

    private void addEverySecondFor(Duration time) {
        Instant from = points.newest().orElseThrow().time();
        for (int second = 1; second <= time.toSeconds(); second++) {
            add(from.plusSeconds(second));
        }
    }
}
