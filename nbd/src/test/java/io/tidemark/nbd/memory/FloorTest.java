package io.tidemark.nbd.memory;

import static org.assertj.core.api.Assertions.assertThat;

import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/** Walks every edge of the floor's states. */
class FloorTest {
    private final PayloadBudget budget = new PayloadBudget(20);
    private final Floor floor = new Floor(budget, 10);

    @BeforeEach
    void take() {
        budget.takeFloors(10);
    }

    @Test
    void isLentToOneAtATime() {
        assertThat(floor.take()).isTrue();
        assertThat(floor.take()).isFalse();
        assertThat(floor.free()).isFalse();

        // When
        floor.end();

        // Then
        assertThat(floor.free()).isTrue();
        assertThat(budget.freeBytes()).as("it stays the lane's").isEqualTo(10);
        assertThat(floor.take()).isTrue();
    }

    @Test
    void goesBackWhenItIsNotLent() {
        // When
        floor.close();

        // Then
        assertThat(budget.freeBytes()).isEqualTo(20);
        assertThat(floor.take()).isFalse();
    }

    @Test
    void goesBackWhenItsLastLeaseEnds() {
        // Given
        floor.take();
        floor.close();
        assertThat(budget.freeBytes()).isEqualTo(10);

        // When
        floor.end();

        // Then
        assertThat(budget.freeBytes()).isEqualTo(20);
        assertThat(floor.take()).isFalse();
    }
}
