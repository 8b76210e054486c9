package io.tidemark.link.receiver;

import io.netty.buffer.ByteBuf;
import io.tidemark.journal.Invariant;
import io.tidemark.journal.Lease;
import io.tidemark.link.protocol.RangeHeader;
import java.util.concurrent.atomic.AtomicBoolean;

/** The memory of a received range: goes back to its pool, and its credit to the session. Any thread. */
final class RangeLease implements Lease {

    private final RangeHeader range;
    private final ByteBuf records;
    private final CreditGauge gauge;
    private final AtomicBoolean closed = new AtomicBoolean();

    RangeLease(RangeHeader range, ByteBuf records, CreditGauge gauge) {
        this.range = range;
        this.records = records;
        this.gauge = gauge;
    }

    @Override
    public void close() {
        Invariant.check(
                closed.compareAndSet(false, true),
                () -> "range " + range.first() + ".." + range.last() + " is given back twice");
        records.release();
        gauge.giveBack(range);
    }
}
