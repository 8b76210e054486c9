package io.tidemark.link.receiver;

import io.tidemark.link.Credit;
import io.tidemark.link.protocol.ProtocolViolation;
import io.tidemark.link.protocol.RangeHeader;
import java.util.concurrent.atomic.AtomicLong;

/**
 * Bounds the memory of a session by the credit it has announced (docs/protocol.md, section 4).
 *
 * <p>Crosses threads: connections take from it on their loops, before they allocate; the receiver gives back and announces
 * from any thread. A sender that keeps the rules never meets the bound, since it counts each range for longer.
 */
final class CreditGauge {

    private final AtomicLong usedBytes = new AtomicLong();
    private final AtomicLong announcedBytes = new AtomicLong();

    /** The sender will be told of so much. It may have used the largest credit it was ever told of. */
    void announce(Credit credit) {
        announcedBytes.accumulateAndGet(credit.bytes(), Math::max);
    }

    void take(RangeHeader range) {
        long used = usedBytes.addAndGet(Credit.cost(range.bytes()));
        if (used > announcedBytes.get()) {
            throw new ProtocolViolation("range " + range.first() + ".." + range.last()
                    + " brings the bytes under way to " + used + ", above the credit of " + announcedBytes.get());
        }
    }

    void giveBack(RangeHeader range) {
        usedBytes.addAndGet(-Credit.cost(range.bytes()));
    }

    long usedBytes() {
        return usedBytes.get();
    }
}
