package io.tidemark.link;

import io.tidemark.journal.Lease;
import io.tidemark.journal.Sequence;
import java.nio.ByteBuffer;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.atomic.AtomicInteger;

/** Ranges for tests: bytes that tell where they belong, in pieces as a journal gives them, and leases that are counted. */
public final class Ranges {

    private final AtomicInteger opened = new AtomicInteger();
    private final AtomicInteger closed = new AtomicInteger();
    private final AtomicInteger closedAgain = new AtomicInteger();

    /** A range of {@code count} records, {@code recordBytes} each. */
    public OutgoingRange range(long first, int count, int recordBytes) {
        List<ByteBuffer> images = new ArrayList<>();
        for (int i = 0; i < count; i++) {
            images.add(record(first + i, recordBytes));
        }
        return new OutgoingRange(
                new Sequence(first),
                new Sequence(first + count - 1),
                count,
                count * recordBytes,
                new OutgoingRange.Body.Images(images),
                lease());
    }

    /** What a record is filled with. */
    public static ByteBuffer record(long sequence, int bytes) {
        ByteBuffer record = ByteBuffer.allocateDirect(bytes);
        for (int i = 0; i < bytes; i++) {
            record.put(i, (byte) (sequence * 31 + i * 7L));
        }
        return record.asReadOnlyBuffer();
    }

    /** A lease that must be closed once. */
    public Lease lease() {
        opened.incrementAndGet();
        AtomicInteger times = new AtomicInteger();
        return () -> {
            if (times.incrementAndGet() == 1) {
                closed.incrementAndGet();
            } else {
                closedAgain.incrementAndGet();
            }
        };
    }

    /** How many leases are still open. */
    public int open() {
        return opened.get() - closed.get();
    }

    /** How often a closed lease was closed again. */
    public int closedAgain() {
        return closedAgain.get();
    }
}
