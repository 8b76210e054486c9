package io.tidemark.link.transport;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.tidemark.link.LinkSettings.Timeouts;
import io.tidemark.link.protocol.ProtocolViolation;
import io.tidemark.link.transport.Heartbeat.Beat;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Test;

class HeartbeatTest {

    private static final long BEGIN = -3; // a monotonic clock may say anything

    private final Heartbeat heartbeat = new Heartbeat(Timeouts.DEFAULTS, false, BEGIN);

    @Test
    void restsWhileThePeerIsHeard() {
        heartbeat.onHeard(at(4));

        assertThat(heartbeat.look(at(8))).isEqualTo(Beat.REST);
    }

    @Test
    void asksOnceWhenThePeerIsSilent() {
        assertThat(heartbeat.look(at(5))).isEqualTo(Beat.PING);
        assertThat(heartbeat.look(at(6))).isEqualTo(Beat.REST);
        assertThat(heartbeat.token()).isEqualTo(at(5));
    }

    @Test
    void asksAgainAfterTheAnswer() {
        // Given
        heartbeat.look(at(5));
        heartbeat.onHeard(at(7));

        // When
        long roundTrip = heartbeat.onPong(at(5), at(7));

        // Then
        assertThat(roundTrip).isEqualTo(TimeUnit.SECONDS.toNanos(2));
        assertThat(heartbeat.look(at(11))).isEqualTo(Beat.REST);
        assertThat(heartbeat.look(at(12))).isEqualTo(Beat.PING);
    }

    @Test
    void givesUpWhenNothingMoves() {
        heartbeat.look(at(5));

        assertThat(heartbeat.look(at(14))).isEqualTo(Beat.REST);
        assertThat(heartbeat.look(at(15))).isEqualTo(Beat.GIVE_UP);
    }

    @Test
    void aSlowPathIsNotADeadOne() {
        heartbeat.look(at(5));
        heartbeat.onDrained(at(14));

        assertThat(heartbeat.look(at(28))).isEqualTo(Beat.REST);
        assertThat(heartbeat.look(at(29))).isEqualTo(Beat.GIVE_UP);
    }

    @Test
    void asksAtEachLookToMeasure() {
        Heartbeat measuring = new Heartbeat(Timeouts.DEFAULTS, true, BEGIN);

        assertThat(measuring.look(at(1))).isEqualTo(Beat.PING);
        assertThat(measuring.look(at(2))).isEqualTo(Beat.REST);
        measuring.onPong(at(1), at(2));
        assertThat(measuring.look(at(3))).isEqualTo(Beat.PING);
    }

    @Test
    void anAnswerWithoutAQuestionBreaksTheRules() {
        assertThatThrownBy(() -> heartbeat.onPong(at(0), at(1))).isInstanceOf(ProtocolViolation.class);
        heartbeat.look(at(5));
        assertThatThrownBy(() -> heartbeat.onPong(at(4), at(6))).isInstanceOf(ProtocolViolation.class);
    }

    private static long at(long seconds) {
        return BEGIN + TimeUnit.SECONDS.toNanos(seconds);
    }
}
