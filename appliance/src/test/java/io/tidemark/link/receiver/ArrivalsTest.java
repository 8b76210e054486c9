package io.tidemark.link.receiver;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.ArrayDeque;
import java.util.Queue;
import org.junit.jupiter.api.Test;

class ArrivalsTest {

    private final Queue<Runnable> inASecond = new ArrayDeque<>();
    private final Arrivals arrivals = new Arrivals(2, inASecond::add);

    @Test
    void asManyAsMayComeInASecondAndNoMoreBeforeItHasPassed() {
        assertThat(arrivals.oneMore()).isTrue();
        assertThat(arrivals.oneMore()).isTrue();
        assertThat(arrivals.oneMore()).isFalse();

        inASecond.remove().run();

        assertThat(arrivals.oneMore()).isTrue();
        assertThat(arrivals.oneMore()).isFalse();
    }

    @Test
    void thoseWhoAreTurnedAwayAreCountedOnceAndNotAgainstOthers() {
        arrivals.oneMore();
        arrivals.oneMore();
        arrivals.oneMore();
        arrivals.oneMore();

        assertThat(arrivals.turnedAway()).isEqualTo(2);
        assertThat(arrivals.turnedAway()).isZero();
        assertThat(inASecond).hasSize(2);
    }
}
