package io.tidemark.metrics;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import org.junit.jupiter.api.Test;

class FillRateTest {

    private static final long MIB = 1 << 20;

    private final FillRate rate = new FillRate();
    private long second;

    @Test
    void aJournalThatDoesNotGrowIsNeverFull() {
        for (int i = 0; i < 100; i++) {
            sample(1000 * MIB);
        }

        assertThat(rate.secondsUntilFull(MIB)).isInfinite();
    }

    @Test
    void steadyGrowthIsToldAsItIs() {
        for (int i = 0; i < 700; i++) {
            sample(i * MIB);
        }

        assertThat(rate.secondsUntilFull(500 * MIB)).isCloseTo(500, within(5.0));
    }

    @Test
    void anOutageIsSeenWithinAMinute() {
        for (int i = 0; i < 600; i++) {
            sample(100 * MIB);
        }
        for (int i = 0; i < 60; i++) {
            sample((100 + 10L * i) * MIB);
        }

        assertThat(rate.secondsUntilFull(1000 * MIB)).isCloseTo(100, within(5.0));
    }

    @Test
    void theFirstSegmentOfALifeIsNoFlood() {
        sample(0);
        sample(256 * MIB);

        assertThat(rate.secondsUntilFull(64 * 1024 * MIB)).isGreaterThan(3600);
    }

    @Test
    void whatIsGivenBackIsNoGrowth() {
        for (int i = 0; i < 600; i++) {
            sample((i % 30 < 15 ? 512 : 256) * MIB);
        }

        assertThat(rate.secondsUntilFull(64 * 1024 * MIB)).isGreaterThan(3600);
    }

    private void sample(long bytes) {
        rate.sample(bytes, second++ * 1_000_000_000L);
    }
}
