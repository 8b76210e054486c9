package io.tidemark.sim;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.stream.LongStream;
import org.junit.jupiter.api.Test;

class SimulatorTest {

    @Test
    void keepsItsPromisesInAnyHistory() {
        LongStream.range(0, Simulator.SEEDS).parallel().forEach(seed -> Simulator.run(seed, Simulator.STEPS));
    }

    @Test
    void runsTheSameHistoryForTheSameSeed() {
        for (long seed = 0; seed < 10; seed++) {
            // When
            long again = Simulator.run(seed, Simulator.STEPS);

            // Then
            assertThat(again).isEqualTo(Simulator.run(seed, Simulator.STEPS));
        }
    }
}
