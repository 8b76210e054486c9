package io.tidemark.nbd.transmission;

import static org.assertj.core.api.Assertions.assertThat;

import io.tidemark.nbd.Extent;
import io.tidemark.nbd.Length;
import io.tidemark.nbd.Offset;
import io.tidemark.nbd.StatusCompletion.Allocation;
import io.tidemark.nbd.StatusCompletion.Run;
import io.tidemark.nbd.protocol.HeaderStyle;
import io.tidemark.nbd.protocol.Request;
import io.tidemark.nbd.ram.RamExport;
import java.util.List;
import org.junit.jupiter.api.Test;

class StatusRulesTest {
    private static final long SIZE = 1L << 40;

    private final StatusRules compact = rules(HeaderStyle.STRUCTURED);

    @Test
    void tellsWhatTheExportTold() {
        // Given
        List<Run> runs = List.of(data(100), hole(50), data(50));

        // When
        List<Run> fitted = compact.fit(ask(0, 200, false), runs);

        // Then
        assertThat(fitted).isEqualTo(runs);
    }

    @Test
    void onlyTheLastRunReachesPastWhatWasAsked() {
        assertThat(compact.fit(ask(0, 150, false), List.of(data(100), hole(100), data(50))))
                .containsExactly(data(100), hole(100));
        assertThat(compact.fit(ask(0, 100, false), List.of(data(100), hole(100))))
                .containsExactly(data(100));
    }

    @Test
    void oneRunIsNoLongerThanWhatWasAsked() {
        assertThat(compact.fit(ask(0, 150, true), List.of(data(400), hole(100))))
                .containsExactly(data(150));
        assertThat(compact.fit(ask(0, 150, true), List.of(data(40), hole(110)))).containsExactly(data(40));
    }

    @Test
    void nothingReachesPastTheEnd() {
        assertThat(compact.fit(ask(SIZE - 10, 10, false), List.of(hole(100)))).containsExactly(hole(10));
    }

    @Test
    void nothingIsLongerThanACompactHeaderCanTell() {
        assertThat(compact.fit(ask(0, 0xFFFFFFFFL, false), List.of(hole(SIZE)))).containsExactly(hole(0xFFFF0000L));
        assertThat(compact.fit(ask(0, 0xFFFFFFFFL, false), List.of(data(10), hole(1L << 33), data(10))))
                .containsExactly(data(10), hole(0xFFFF0000L));
    }

    @Test
    void extendedHeadersTellEverything() {
        assertThat(rules(HeaderStyle.EXTENDED).fit(ask(0, SIZE, false), List.of(hole(SIZE))))
                .containsExactly(hole(SIZE));
    }

    @Test
    void thereAreNotTooMany() {
        assertThat(compact.runsMax(ask(0, 100, false))).isEqualTo(3);
        assertThat(compact.runsMax(ask(0, 100, true))).isEqualTo(1);
        assertThat(compact.fit(ask(0, 100, false), List.of(data(1), hole(1), data(1), hole(1))))
                .hasSize(3);
    }

    private static StatusRules rules(HeaderStyle style) {
        return new StatusRules(new Agreement(RamExport.info("", SIZE), style, true), 3);
    }

    private static Command.BlockStatus ask(long offset, long length, boolean one) {
        return new Command.BlockStatus(
                new Request(7, 0, 0, offset, length, 0), new Extent(new Offset(offset), new Length(length)), one);
    }

    private static Run data(long length) {
        return new Run(new Length(length), Allocation.DATA);
    }

    private static Run hole(long length) {
        return new Run(new Length(length), Allocation.HOLE);
    }
}
