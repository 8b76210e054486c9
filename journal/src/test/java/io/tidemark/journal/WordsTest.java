package io.tidemark.journal;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.nio.ByteBuffer;
import org.junit.jupiter.api.Test;

/** Numbers at the end of what 63 bits hold are refused by name, and never come round. */
class WordsTest {

    private static final Sequence LAST = new Sequence(Long.MAX_VALUE);

    @Test
    void thereIsNoSequenceBehindTheLast() {
        assertThatThrownBy(LAST::next).isInstanceOf(Fault.class).hasMessageContaining("9223372036854775807");
        assertThatThrownBy(Sequence.NONE::previous).isInstanceOf(Fault.class);
        assertThat(LAST.previous().next()).isEqualTo(LAST);
        assertThat(LAST.follows(LAST.previous())).isTrue();
        assertThat(Sequence.NONE.follows(LAST)).isFalse();
        assertThat(LAST.recordsSince(Sequence.NONE)).isEqualTo(Long.MAX_VALUE);
    }

    @Test
    void thereIsNoEpochBehindTheLast() {
        assertThatThrownBy(new Epoch(Long.MAX_VALUE)::next)
                .isInstanceOf(Fault.class)
                .hasMessageContaining("9223372036854775807");
    }

    @Test
    void anExtentEndsWhereOffsetsDo() {
        assertThat(new Extent(Long.MAX_VALUE - 1, 1).end()).isEqualTo(Long.MAX_VALUE);
        assertThatThrownBy(() -> new Extent(Long.MAX_VALUE, 1)).isInstanceOf(IllegalArgumentException.class);
        assertThatThrownBy(() -> new Extent(1, Long.MAX_VALUE)).isInstanceOf(IllegalArgumentException.class);
        assertThatThrownBy(() -> new Extent(Long.MAX_VALUE, Long.MAX_VALUE))
                .isInstanceOf(IllegalArgumentException.class);
        assertThatThrownBy(() -> Extent.between(Long.MAX_VALUE, Long.MIN_VALUE))
                .isInstanceOf(IllegalArgumentException.class);
    }

    @Test
    void aRangeCountsItsRecordsWithoutComingRound() {
        ByteBuffer body = ByteBuffer.allocate(1);

        assertThat(new Range(LAST.previous(), LAST, 2, body).isFull()).isTrue();
        assertThat(new Range(new Sequence(1), LAST, Integer.MAX_VALUE, body).isFull())
                .isFalse();
        assertThatThrownBy(() -> new Range(LAST, LAST, 2, body)).isInstanceOf(IllegalArgumentException.class);
        assertThatThrownBy(() -> new Range(LAST, LAST, Integer.MIN_VALUE, body))
                .isInstanceOf(IllegalArgumentException.class);
        assertThatThrownBy(() -> new Range(LAST, new Sequence(1), 1, body))
                .isInstanceOf(IllegalArgumentException.class);
    }
}
