package io.tidemark.link.sender;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.tidemark.journal.Fault;
import io.tidemark.journal.Sequence;
import io.tidemark.link.Ack;
import io.tidemark.link.Credit;
import io.tidemark.link.protocol.ProtocolViolation;
import org.junit.jupiter.api.Test;

class CreditWindowTest {

    private static final int MIB = 1 << 20;

    private final CreditWindow window = new CreditWindow(new Credit(8 * MIB), new Sequence(10), new Sequence(11));

    @Test
    void rangesUseCreditUntilTheyAreReceived() {
        // Given
        window.onSend(new Sequence(11), new Sequence(20), 6 * MIB);
        assertThat(window.admits(2 * MIB - 1024)).isTrue();
        assertThat(window.admits(2 * MIB)).isFalse();

        // When
        window.onAck(ack(20, 10));

        // Then
        assertThat(window.usedBytes()).isZero();
        assertThat(window.admits(6 * MIB)).isTrue();
    }

    @Test
    void eachRangeCostsSomethingForItself() {
        window.onSend(new Sequence(11), new Sequence(11), 72);

        assertThat(window.usedBytes()).isEqualTo(72 + 512);
    }

    @Test
    void oneAckTakesManyRanges() {
        for (int sequence = 11; sequence <= 30; sequence++) {
            window.onSend(new Sequence(sequence), new Sequence(sequence), 100);
        }

        window.onAck(ack(29, 11));

        assertThat(window.usedBytes()).isEqualTo(612);
    }

    @Test
    void aLowerCreditCountsForWhatIsSentNext() {
        window.onAck(new Ack(new Sequence(10), new Sequence(10), Sequence.NONE, new Credit(16 * MIB)));
        window.onSend(new Sequence(11), new Sequence(11), 6 * MIB);
        window.onSend(new Sequence(12), new Sequence(12), 6 * MIB);
        window.onAck(new Ack(new Sequence(10), new Sequence(10), Sequence.NONE, new Credit(8 * MIB)));

        assertThat(window.admits(72)).isFalse();
    }

    @Test
    void rangesAreContiguousAndWithinTheCredit() {
        assertThatThrownBy(() -> window.onSend(new Sequence(12), new Sequence(12), 72))
                .isInstanceOf(Fault.class)
                .hasMessageContaining("range from 12 is sent, but 11 must be");
        window.onSend(new Sequence(11), new Sequence(11), 6 * MIB);
        assertThatThrownBy(() -> window.onSend(new Sequence(12), new Sequence(12), 3 * MIB))
                .isInstanceOf(Fault.class)
                .hasMessageContaining("exceeds the credit");
    }

    @Test
    void aReceiverCannotHaveWhatWasNotSent() {
        window.onSend(new Sequence(11), new Sequence(20), 1000);

        assertViolation(ack(21, 10), "where no range ended");
        assertViolation(ack(19, 10), "where no range ended");
        assertViolation(ack(9, 9), "moves back");
        assertViolation(ack(10, 9), "moves back");
    }

    private void assertViolation(Ack ack, String said) {
        assertThatThrownBy(() -> window.onAck(ack))
                .isInstanceOf(ProtocolViolation.class)
                .hasMessageContaining(said);
    }

    private static Ack ack(long received, long durable) {
        return new Ack(new Sequence(received), new Sequence(durable), Sequence.NONE, new Credit(8 * MIB));
    }
}
