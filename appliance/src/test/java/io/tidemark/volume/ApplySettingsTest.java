package io.tidemark.volume;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;

import java.time.Duration;
import org.junit.jupiter.api.Test;

class ApplySettingsTest {

    @Test
    void aRateMakesPausesInProportionToWhatWasWritten() {
        ApplySettings settings = withRate(1 << 20);

        assertThat(settings.pauseAfter(4 << 20)).isEqualTo(Duration.ofSeconds(4));
        assertThat(settings.pauseAfter(0)).isZero();
    }

    @Test
    void withoutARateThereAreNoPauses() {
        assertThat(ApplySettings.defaults().pauseAfter(Long.MAX_VALUE)).isZero();
    }

    @Test
    void aNegativeRateIsRefused() {
        assertThatIllegalArgumentException().isThrownBy(() -> withRate(-1)).withMessageContaining("apply-rate");
    }

    private static ApplySettings withRate(long bytesPerSecond) {
        ApplySettings defaults = ApplySettings.defaults();
        return new ApplySettings(
                defaults.batchBytes(),
                defaults.dirtyBytesMax(),
                defaults.forceInterval(),
                defaults.retryInterval(),
                bytesPerSecond);
    }
}
