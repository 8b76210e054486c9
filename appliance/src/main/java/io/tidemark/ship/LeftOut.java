package io.tidemark.ship;

import io.tidemark.journal.Batch;
import io.tidemark.journal.Entry;
import io.tidemark.journal.JournalRecord;
import io.tidemark.journal.Shipping;
import java.nio.ByteBuffer;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;

/** What of the journal is not shipped, since a copy of what it has changed will be: the records say so. */
final class LeftOut {

    private LeftOut() {}

    /** What is to be shipped of a batch, with its lease; empty, and the lease is closed, if that is nothing. */
    static Optional<Batch> takeFrom(Batch batch) {
        if (batch.records().stream().noneMatch(LeftOut::is)) {
            return Optional.of(batch);
        }
        List<JournalRecord> records = new ArrayList<>();
        List<ByteBuffer> images = new ArrayList<>();
        int bytes = 0;
        for (int i = 0; i < batch.records().size(); i++) {
            if (!is(batch.records().get(i))) {
                records.add(batch.records().get(i));
                images.add(batch.images().get(i));
                bytes += batch.images().get(i).remaining();
            }
        }
        if (records.isEmpty()) {
            batch.lease().close();
            return Optional.empty();
        }
        return Optional.of(new Batch(records, images, bytes, batch.lease()));
    }

    private static boolean is(JournalRecord record) {
        return record.entry() instanceof Entry.Data data && data.shipping() == Shipping.LEFT_OUT;
    }
}
