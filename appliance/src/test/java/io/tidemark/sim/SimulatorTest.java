package io.tidemark.sim;

import static org.assertj.core.api.Assertions.assertThat;

import org.junit.jupiter.api.Test;

/** Two sites, real logic, one seeded scheduler, faults in between. */
class SimulatorTest {

    @Test
    void keepsItsPromisesInAnyHistory() throws InterruptedException {
        new Campaign(Simulator.FIRST, Simulator.SEEDS, Simulator.STEPS).run();
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

    /** The power cut took the first record of a life, which then seemed to have been none. */
    @Test
    void aLifeInWhichAnythingWasAcknowledgedLeavesATrace() {
        assertThat(Simulator.run(247, 3000)).isNotZero();
    }

    /** The power went before the record of the new policy was durable, and acknowledged writes went with it, unnoticed. */
    @Test
    void aWeakerPolicyHoldsOnceItsRecordIsDurable() {
        assertThat(Simulator.run(62, 3000)).isNotZero();
    }
}
