package io.tidemark.console;

import static org.assertj.core.api.Assertions.assertThat;

import java.time.Instant;
import java.util.List;
import java.util.Optional;
import org.junit.jupiter.api.Test;

final class PointsTest {

    private static final Instant NOON = Instant.parse("2026-01-31T12:00:00Z");

    @Test
    void theNewestPointThatCanBeUsedIsChosenFirst() {
        List<Points.Row> rows = Points.rows(List.of(point(9, 20, false), point(5, 10, true), point(1, 0, true)));

        assertThat(rows).extracting(Points.Row::first).containsExactly(false, true, false);
        assertThat(rows).extracting(Points.Row::usable).containsExactly(false, true, true);
        assertThat(rows.getFirst().state().text()).isEqualTo("a copy is not complete");
    }

    @Test
    void theLineIsInTimeAndSaysTheSameInWords() {
        Points.TimeLine line = Points.timeLine(List.of(point(9, 20, false), point(5, 10, true), point(1, 0, true)));

        assertThat(line.marks()).extracting(Points.Mark::x).containsExactly("10", "500", "990");
        assertThat(line.words())
                .isEqualTo("3 points from 2026-01-31 12:00:00 to 2026-01-31 12:00:20 UTC, 2 of them consistent.");
    }

    @Test
    void pointsOfOneInstantAreALineToo() {
        assertThat(Points.timeLine(List.of(point(1, 0, true))).marks()).hasSize(1);
        assertThat(Points.timeLine(List.of()).marks()).isEmpty();
    }

    private static Points.Point point(long sequence, long second, boolean consistent) {
        return new Points.Point(
                sequence,
                NOON.plusSeconds(second),
                "flush",
                consistent,
                consistent ? Optional.empty() : Optional.of("a copy is not complete"),
                List.of(),
                List.of());
    }
}
