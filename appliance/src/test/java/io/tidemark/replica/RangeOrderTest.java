package io.tidemark.replica;

import static org.assertj.core.api.Assertions.assertThat;

import io.tidemark.journal.Range;
import io.tidemark.journal.Sequence;
import io.tidemark.link.IncomingRange;
import java.nio.ByteBuffer;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Test;

class RangeOrderTest {

    private final RangeOrder order = new RangeOrder();
    private final List<Long> closed = new ArrayList<>();

    @Test
    void givesARangeWhenItsTurnHasCome() {
        IncomingRange early = range(11, 20);
        IncomingRange next = range(1, 10);

        assertThat(order.take(early, new Sequence(1))).isTrue();
        assertThat(order.next(new Sequence(1))).isEmpty();
        assertThat(order.take(next, new Sequence(1))).isTrue();

        assertThat(order.next(new Sequence(1))).contains(next);
        order.remove(next);
        assertThat(order.next(new Sequence(11))).contains(early);
        assertThat(closed).isEmpty();
    }

    @Test
    void leavesWithTheCallerWhatWasThereBefore() {
        order.take(range(11, 20), new Sequence(1));

        assertThat(order.take(range(11, 20), new Sequence(1))).isFalse();
        assertThat(order.take(range(1, 10), new Sequence(11))).isFalse();
        assertThat(order.take(range(5, 15), new Sequence(11))).isFalse();
    }

    @Test
    void givesUpAllItHolds() {
        order.take(range(11, 20), new Sequence(1));
        order.take(range(21, 30), new Sequence(1));

        order.clear();

        assertThat(closed).containsExactly(11L, 21L);
        assertThat(order.next(new Sequence(11))).isEmpty();
    }

    private IncomingRange range(long first, long last) {
        Range range =
                new Range(new Sequence(first), new Sequence(last), (int) (last - first + 1), ByteBuffer.allocate(8));
        return new IncomingRange(range, () -> closed.add(first));
    }
}
