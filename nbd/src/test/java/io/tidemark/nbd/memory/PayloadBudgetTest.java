package io.tidemark.nbd.memory;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIllegalStateException;

import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Test;

class PayloadBudgetTest {
    private final PayloadBudget budget = new PayloadBudget(200);
    private final List<String> told = new ArrayList<>();

    @Test
    void givesWhatItHas() {
        // When
        boolean taken = budget.take(60);

        // Then
        assertThat(taken).isTrue();
        assertThat(budget.freeBytes()).isEqualTo(140);
        assertThat(budget.take(41)).isFalse();
        assertThat(budget.take(40)).isTrue();
    }

    @Test
    void servesWhoeverWaitsInTheOrderOfTheirComing() {
        // Given
        budget.take(100);
        Claim first = claim(70, "first");
        Claim second = claim(10, "second");

        // When
        budget.give(50);

        // Then the second does not overtake the first, though there would be enough for it
        assertThat(told).isEmpty();
        budget.give(30);
        assertThat(told).containsExactly("first", "second");
        assertThat(first.granted()).isTrue();
        assertThat(second.granted()).isTrue();
        assertThat(budget.freeBytes()).isEqualTo(100);
    }

    @Test
    void letsNobodyPassTheQueue() {
        // Given
        budget.take(90);
        claim(20, "waiting");

        // When
        boolean taken = budget.take(10);

        // Then
        assertThat(taken).isFalse();
    }

    @Test
    void keepsFloorsApart() {
        // Given
        budget.take(100);

        // When
        boolean taken = budget.takeFloors(100);

        // Then
        assertThat(taken).isTrue();
        assertThat(budget.takeFloors(1)).isFalse();
        assertThat(budget.freeBytes()).isZero();
        budget.giveFloors(100);
        assertThat(budget.take(1)).as("floors are not shared").isFalse();
    }

    @Test
    void whoLeavesTheQueueMakesRoom() {
        // Given
        budget.take(90);
        Claim big = claim(50, "big");
        claim(10, "small");

        // When
        budget.withdraw(big);

        // Then
        assertThat(told).containsExactly("small");
    }

    @Test
    void takesBackWhatWaitingHasBrought() {
        // Given
        Claim claim = claim(30, "at once");
        assertThat(told).containsExactly("at once");

        // When
        budget.withdraw(claim);

        // Then
        assertThat(budget.freeBytes()).isEqualTo(200);
    }

    @Test
    void noticesWhatWasNeverTaken() {
        assertThatIllegalStateException().isThrownBy(() -> budget.give(1));
        budget.take(1);
        assertThatIllegalStateException().isThrownBy(() -> budget.giveFloors(2));
    }

    private Claim claim(int bytes, String name) {
        Claim claim = new Claim(bytes, () -> told.add(name));
        budget.queue(claim);
        return claim;
    }
}
