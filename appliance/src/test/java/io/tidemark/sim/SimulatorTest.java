package io.tidemark.sim;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.stream.LongStream;
import org.junit.jupiter.api.Test;

/** Two sites, real logic, one seeded scheduler, faults in between. */
class SimulatorTest {

    @Test
    void keepsItsPromisesInAnyHistory() {
        LongStream.range(Simulator.FIRST, Simulator.FIRST + Simulator.SEEDS)
                .parallel()
                .forEach(seed -> Simulator.run(seed, Simulator.STEPS));
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

    /** Who noticed the death of the machine was killed before it had said so, and the next start saw a process that had died. */
    @Test
    void aDeathOfTheMachineIsToldEvenIfWhoNoticedItDies() {
        assertThat(Simulator.run(116, 3000)).isNotZero();
    }

    /** The power went before the record of the new policy was durable, and acknowledged writes went with it, unnoticed. */
    @Test
    void aWeakerPolicyHoldsOnceItsRecordIsDurable() {
        assertThat(Simulator.run(62, 3000)).isNotZero();
    }
}
