package io.tidemark.resync;

import static org.assertj.core.api.Assertions.assertThat;

import io.tidemark.journal.Sequence;
import org.junit.jupiter.api.Test;

class LeftOutTailTest {

    private final LeftOutTail tail = new LeftOutTail();

    @Test
    void whereNothingIsLeftOutTheLastRecordIsShipped() {
        assertThat(tail.shipped(Sequence.NONE)).isEqualTo(Sequence.NONE);
        assertThat(tail.shipped(at(7))).isEqualTo(at(7));
    }

    @Test
    void whatIsLeftOutAtTheEndIsNot() {
        tail.add(at(8));
        assertThat(tail.shipped(at(8))).isEqualTo(at(7));

        tail.add(at(9));
        assertThat(tail.shipped(at(9))).isEqualTo(at(7));
    }

    @Test
    void whatIsShippedBehindItEndsIt() {
        tail.add(at(8));
        assertThat(tail.shipped(at(9))).isEqualTo(at(9));

        tail.add(at(10));
        assertThat(tail.shipped(at(10))).isEqualTo(at(9));
    }

    private static Sequence at(long number) {
        return new Sequence(number);
    }
}
