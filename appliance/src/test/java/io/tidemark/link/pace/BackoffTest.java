package io.tidemark.link.pace;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.time.Duration;
import java.util.Random;
import org.junit.jupiter.api.Test;

class BackoffTest {

    private static final Duration FIRST = Backoff.FIRST_DEFAULT;
    private static final Duration LONGEST = Backoff.LONGEST_DEFAULT;

    @Test
    void delaysGrowFromTheFirstToTheLongest() {
        for (int seed = 0; seed < 1_000; seed++) {
            Backoff backoff = new Backoff(FIRST, LONGEST, new Random(seed));
            Duration ceiling = FIRST;

            for (int attempt = 0; attempt < 20; attempt++) {
                Duration least = ceiling.dividedBy(2).compareTo(FIRST) > 0 ? ceiling.dividedBy(2) : FIRST;
                assertThat(backoff.next()).as("seed %d", seed).isBetween(least, ceiling);
                ceiling = ceiling.multipliedBy(2).compareTo(LONGEST) < 0 ? ceiling.multipliedBy(2) : LONGEST;
            }
        }
    }

    @Test
    void twoSitesDoNotStayInStep() {
        Backoff one = new Backoff(FIRST, LONGEST, new Random(1));
        Backoff other = new Backoff(FIRST, LONGEST, new Random(2));
        one.next();
        other.next();

        assertThat(one.next()).isNotEqualTo(other.next());
    }

    @Test
    void aGoodSessionBeginsAnew() {
        Backoff backoff = new Backoff(FIRST, LONGEST, new Random(1));
        for (int attempt = 0; attempt < 10; attempt++) {
            backoff.next();
        }

        backoff.reset();

        assertThat(backoff.next()).isEqualTo(FIRST);
    }

    @Test
    void limitsMustMakeSense() {
        assertThatThrownBy(() -> new Backoff(Duration.ZERO, LONGEST, new Random(1)))
                .isInstanceOf(IllegalArgumentException.class);
        assertThatThrownBy(() -> new Backoff(LONGEST, FIRST, new Random(1)))
                .isInstanceOf(IllegalArgumentException.class);
    }
}
