package io.tidemark.link.receiver;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.tidemark.journal.Sequence;
import io.tidemark.link.Credit;
import io.tidemark.link.SessionId;
import io.tidemark.link.protocol.ProtocolViolation;
import io.tidemark.link.protocol.RangeHeader;
import org.junit.jupiter.api.Test;

class CreditGaugeTest {

    private static final int MIB = 1 << 20;

    private final CreditGauge gauge = new CreditGauge();

    @Test
    void nothingIsTakenBeforeItIsAnnounced() {
        assertThatThrownBy(() -> gauge.take(range(72))).isInstanceOf(ProtocolViolation.class);
    }

    @Test
    void moreThanTheCreditBreaksTheRules() {
        gauge.announce(new Credit(8 * MIB));
        gauge.take(range(6 * MIB));

        assertThatThrownBy(() -> gauge.take(range(2 * MIB)))
                .isInstanceOf(ProtocolViolation.class)
                .hasMessageContaining("above the credit of 8388608");
    }

    @Test
    void whatIsGivenBackCanBeTakenAgain() {
        gauge.announce(new Credit(8 * MIB));
        for (int i = 0; i < 100; i++) {
            gauge.take(range(6 * MIB));
            gauge.giveBack(range(6 * MIB));
        }

        assertThat(gauge.usedBytes()).isZero();
    }

    @Test
    void aLowerCreditBearsWhatWasSentUnderTheHigher() {
        gauge.announce(new Credit(16 * MIB));
        gauge.announce(new Credit(8 * MIB));

        gauge.take(range(6 * MIB));
        gauge.take(range(6 * MIB));

        assertThat(gauge.usedBytes()).isEqualTo(2 * (6 * MIB + 512));
    }

    private static RangeHeader range(int bytes) {
        return new RangeHeader(
                new SessionId(1), new Sequence(1), new Sequence(1), 1, bytes, RangeHeader.Encoding.PLAIN, bytes);
    }
}
