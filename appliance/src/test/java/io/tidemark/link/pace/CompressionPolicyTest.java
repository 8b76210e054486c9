package io.tidemark.link.pace;

import static org.assertj.core.api.Assertions.assertThat;

import org.junit.jupiter.api.Test;

class CompressionPolicyTest {

    private static final int RANGE = 1 << 20;
    private static final double SLOW_LINK = 30e6;
    private static final double FAST_LINK = 1e9;

    /** 500 MB/s. */
    private static final long QUICKLY = RANGE * 2L;

    private final CompressionPolicy policy = new CompressionPolicy();

    @Test
    void onASlowPathItPays() {
        assertThat(compressed(1_000, SLOW_LINK, RANGE / 2)).isEqualTo(1_000);
        assertThat(policy.ratio()).isEqualTo(0.5);
    }

    @Test
    void onAPathFasterThanTheCompressorItDoesNot() {
        assertThat(compressed(1_000, FAST_LINK, RANGE / 2)).isLessThan(20);
    }

    @Test
    void whatDoesNotBecomeSmallerIsOnlyProbed() {
        assertThat(compressed(1_000, SLOW_LINK, RANGE)).isBetween(10, 20);
    }

    @Test
    void itFindsThatTheDataHasChanged() {
        compressed(1_000, SLOW_LINK, RANGE);

        compressed(200, SLOW_LINK, RANGE / 4);

        assertThat(compressed(100, SLOW_LINK, RANGE / 4)).isEqualTo(100);
    }

    @Test
    void itFindsThatThePathHasChanged() {
        compressed(100, SLOW_LINK, RANGE / 4);

        assertThat(compressed(1_000, FAST_LINK, RANGE / 4)).isLessThan(20);
        assertThat(compressed(100, SLOW_LINK, RANGE / 4)).isEqualTo(100);
    }

    @Test
    void aLittleIsNotEnoughToBegin() {
        compressed(64, SLOW_LINK, RANGE);

        assertThat(compressed(1_000, SLOW_LINK, (int) (RANGE * 0.9))).isLessThan(20);
    }

    /** How many of so many ranges were compressed. */
    private int compressed(int ranges, double link, int wireBytes) {
        int compressed = 0;
        for (int i = 0; i < ranges; i++) {
            if (policy.wants(link)) {
                policy.onCompressed(RANGE, wireBytes, QUICKLY);
                compressed++;
            }
        }
        return compressed;
    }
}
