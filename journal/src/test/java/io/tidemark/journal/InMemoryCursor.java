package io.tidemark.journal;

import java.nio.ByteBuffer;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.function.BiFunction;
import java.util.function.Supplier;

/** Reads an {@link InMemoryJournal}, never past what is durable. */
final class InMemoryCursor implements Cursor {

    private final Supplier<Sequence> durable;
    private final BiFunction<Sequence, Sequence, List<InMemoryDisk.Stored>> between;
    private Sequence position;

    InMemoryCursor(
            Supplier<Sequence> durable,
            BiFunction<Sequence, Sequence, List<InMemoryDisk.Stored>> between,
            Sequence after) {
        this.durable = durable;
        this.between = between;
        this.position = after;
    }

    @Override
    public Sequence position() {
        return position;
    }

    @Override
    public Optional<Batch> next(int bytesMax) {
        Sequence limit = durable.get();
        if (!limit.isAfter(position)) {
            return Optional.empty();
        }
        List<JournalRecord> records = new ArrayList<>();
        List<ByteBuffer> images = new ArrayList<>();
        int bytes = 0;
        for (InMemoryDisk.Stored each : between.apply(position, limit)) {
            int size = each.image().remaining();
            if (!records.isEmpty() && bytes + size > bytesMax) {
                break;
            }
            records.add(each.record());
            images.add(each.image().duplicate());
            bytes += size;
        }
        position = records.getLast().sequence();
        return Optional.of(new Batch(records, images, bytes, Lease.NONE));
    }

    @Override
    public void close() {}
}
