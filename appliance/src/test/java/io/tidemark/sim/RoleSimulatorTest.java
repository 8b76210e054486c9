package io.tidemark.sim;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.EnumMap;
import java.util.List;
import java.util.Map;
import java.util.stream.LongStream;
import org.junit.jupiter.api.Test;

/**
 * Failover, fence and failback between two sites, with faults in between (I11).
 *
 * <p>One history after the other: a simulated task that waited for a lock which another history's task holds would never get its turn.
 */
class RoleSimulatorTest {

    private static final long FIRST = Long.getLong("roles.first", 0);
    private static final long SEEDS = Long.getLong("roles.seeds", 300);
    private static final int STEPS = 3000;
    private static final int LINES_TOLD = 80;

    @Test
    void hasOneSourceInAnyHistory() {
        Map<Trace.Word, Long> events = new EnumMap<>(Trace.Word.class);
        LongStream.range(FIRST, FIRST + SEEDS).mapToObj(RoleSimulatorTest::run).forEach(trace -> trace.counts()
                .forEach((word, times) -> events.merge(word, times, Long::sum)));

        System.out.println(SEEDS + " seeds: " + events);
        assertThat(events)
                .as("there and back again, with what differs and with everything")
                .containsKeys(
                        Trace.Word.PROMOTE,
                        Trace.Word.PROMOTE_HOME,
                        Trace.Word.GO_ON_WITH_DIFFERENCE,
                        Trace.Word.GO_ON_WITH_ALL);
    }

    @Test
    void runsTheSameHistoryForTheSameSeed() {
        for (long seed = 0; seed < 3; seed++) {
            // When
            long again = run(seed).number();

            // Then
            assertThat(again).isEqualTo(run(seed).number());
        }
    }

    private static Trace run(long seed) {
        Trace trace = new Trace(true);
        try {
            new RoleSimulation(seed, STEPS, trace).run();
            return trace;
        } catch (RuntimeException | Error failure) {
            List<String> lines = trace.lines();
            throw new AssertionError(
                    "again with -Droles.first=" + seed + " -Droles.seeds=1\n"
                            + String.join("\n", lines.subList(Math.max(0, lines.size() - LINES_TOLD), lines.size()))
                            + "\n" + failure,
                    failure);
        }
    }
}
