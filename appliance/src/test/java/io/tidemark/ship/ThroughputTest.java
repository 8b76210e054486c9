package io.tidemark.ship;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import org.junit.jupiter.api.Test;

class ThroughputTest {

    private static final long MILLI = 1_000_000L;

    private final Throughput throughput = new Throughput(0);

    @Test
    void nothingIsZero() {
        assertThat(throughput.bytesPerSecond(10_000 * MILLI)).isZero();
    }

    @Test
    void settlesAtASteadyRate() {
        for (int i = 1; i <= 200; i++) {
            throughput.add(1_000_000, 100L * i * MILLI);
        }

        assertThat(throughput.bytesPerSecond(20_000 * MILLI)).isCloseTo(10e6, within(0.05e6));
    }

    @Test
    void fallsToZeroWhenNothingGoes() {
        throughput.add(1_000_000_000, 1000 * MILLI);
        for (int i = 2; i <= 100; i++) {
            throughput.bytesPerSecond(1000L * i * MILLI);
        }

        assertThat(throughput.bytesPerSecond(101_000 * MILLI)).isLessThan(1);
    }
}
