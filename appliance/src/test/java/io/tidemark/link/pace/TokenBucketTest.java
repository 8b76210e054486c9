package io.tidemark.link.pace;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import java.util.Random;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Test;

class TokenBucketTest {

    private static final long RATE = 1_000_000;
    private static final long BURST = 100_000;
    private static final long BEGIN = -5; // a monotonic clock may say anything

    private final TokenBucket bucket = new TokenBucket(RATE, BURST, BEGIN);

    @Test
    void aBurstPassesAtOnce() {
        bucket.take(99_999, BEGIN);

        assertThat(bucket.delayNanos(BEGIN)).isZero();
    }

    @Test
    void whatIsLargerThanTheBurstLeavesADebt() {
        bucket.take(1_100_000, BEGIN);

        assertThat(bucket.delayNanos(BEGIN)).isCloseTo(at(1_000) - BEGIN, within(2_000L));
        assertThat(bucket.delayNanos(at(1_001))).isZero();
    }

    @Test
    void anotherRateKeepsWhatWasTaken() {
        bucket.take(1_100_000, BEGIN);

        bucket.changeRate(2 * RATE, BEGIN);

        assertThat(bucket.delayNanos(BEGIN)).isCloseTo(at(500) - BEGIN, within(2_000L));
    }

    @Test
    void neverMoreThanRateAndBurst() {
        for (int seed = 0; seed < 1_000; seed++) {
            Random random = new Random(seed);
            TokenBucket any = new TokenBucket(RATE, BURST, BEGIN);
            long now = BEGIN;
            long taken = 0;
            int last = 0;
            for (int i = 0; i < 100; i++) {
                now += random.nextInt(10_000_000) + any.delayNanos(now);
                last = 1 + random.nextInt(200_000);
                any.take(last, now);
                taken += last;
            }
            double allowed = BURST + (now - BEGIN) / 1e9 * RATE;
            assertThat((double) (taken - last)).as("seed %d", seed).isLessThanOrEqualTo(allowed + 1);
        }
    }

    @Test
    void theRateIsReached() {
        long now = BEGIN;
        for (int i = 0; i < 1_000; i++) {
            now += bucket.delayNanos(now);
            bucket.take(10_000, now);
        }

        assertThat((now - BEGIN) / 1e9).isCloseTo(9.9, within(0.02));
    }

    private static long at(long millis) {
        return BEGIN + TimeUnit.MILLISECONDS.toNanos(millis);
    }
}
