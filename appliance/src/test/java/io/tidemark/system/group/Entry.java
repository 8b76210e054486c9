package io.tidemark.system.group;

import java.nio.ByteBuffer;
import java.util.List;
import java.util.Optional;
import java.util.stream.LongStream;

/**
 * One entry of a writer's log, as it is on a disk.
 *
 * @param number of the writer's entries, from 1
 * @param seen of each writer, the last entry that was acknowledged when this one was asked for
 */
record Entry(int writer, long number, List<Long> seen) {

    static final int BYTES = 512;

    private static final int HEAD_LONGS = 2;

    Entry {
        seen = List.copyOf(seen);
    }

    byte[] toBytes() {
        ByteBuffer bytes = ByteBuffer.allocate(BYTES);
        bytes.putLong(number).putLong(writer);
        seen.forEach(bytes::putLong);
        while (bytes.hasRemaining()) {
            bytes.putLong(number);
        }
        return bytes.array();
    }

    /** What is in a slot; empty if that was never written. One that is neither is the end. */
    static Optional<Entry> parse(ByteBuffer slot, int writers) {
        byte[] found = new byte[BYTES];
        slot.duplicate().get(found);
        ByteBuffer longs = ByteBuffer.wrap(found);
        long number = longs.getLong();
        if (number == 0 && ByteBuffer.wrap(found).equals(ByteBuffer.allocate(BYTES))) {
            return Optional.empty();
        }
        Entry entry = new Entry(
                (int) longs.getLong(),
                number,
                LongStream.range(0, writers).map(i -> longs.getLong()).boxed().toList());
        if (!ByteBuffer.wrap(found).equals(ByteBuffer.wrap(entry.toBytes()))) {
            throw new AssertionError("torn, it begins as " + entry);
        }
        return Optional.of(entry);
    }

    /** The most writers whose entries fit. */
    static int writersMax() {
        return BYTES / Long.BYTES - HEAD_LONGS - 1;
    }
}
