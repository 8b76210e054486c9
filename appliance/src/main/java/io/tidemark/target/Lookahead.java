package io.tidemark.target;

import io.tidemark.journal.Batch;
import io.tidemark.journal.Cursor;
import io.tidemark.journal.Entry;
import io.tidemark.journal.JournalRecord;
import io.tidemark.journal.Sequence;
import io.tidemark.journal.StreamId;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Deque;
import java.util.HashSet;
import java.util.List;
import java.util.Optional;
import java.util.Set;

/** What the journal holds behind a target's position, as far as it was read. The sender's thread. */
final class Lookahead implements AutoCloseable {

    /** Read from the journal at a time. */
    private static final int BATCH_BYTES = 1 << 20;

    private final Cursor cursor;
    private final Deque<Batch> batches = new ArrayDeque<>(); // bounded by what fill() is told
    private final Set<StreamId> openStreams = new HashSet<>();
    private Sequence taken;
    private Sequence settled;
    private boolean open;
    private long bytes;
    private long records;

    /** @param cursor at the position, which is closed with this */
    Lookahead(Cursor cursor, Position position) {
        this.cursor = cursor;
        this.taken = position.at();
        this.settled = position.at();
        this.open = !position.open().isEmpty();
    }

    /** Reads on until so much is held or nothing more is durable; whether the limit was reached. */
    boolean fill(long bytesMax, long recordsMax) {
        while (bytes < bytesMax && records < recordsMax) {
            if (!readOne()) {
                return false;
            }
        }
        return true;
    }

    /** Reads a little more; false when nothing more is durable. */
    boolean readOne() {
        Optional<Batch> next = cursor.next(BATCH_BYTES);
        next.ifPresent(batch -> {
            batches.addLast(batch);
            bytes += batch.bytes();
            records += batch.records().size();
            batch.records().forEach(this::look);
        });
        return next.isPresent();
    }

    long bytes() {
        return bytes;
    }

    long records() {
        return records;
    }

    private void look(JournalRecord record) {
        switch (record.entry()) {
            case Entry.Data data -> {
                open = true;
                openStreams.add(data.stream());
            }
            case Entry.Control control -> {
                if (control.endsEpoch()) {
                    open = false;
                    openStreams.clear();
                }
            }
        }
        if (!open) {
            settled = record.sequence();
        }
    }

    /** The newest record behind which no epoch is open, as far as was read. */
    Sequence settled() {
        return settled;
    }

    /** The newest record that was read. */
    Sequence last() {
        return cursor.position();
    }

    /** Streams that have changed behind {@link #settled}. */
    Set<StreamId> openStreams() {
        return openStreams;
    }

    /** The records up to one that was read, which are still held. */
    List<JournalRecord> upTo(Sequence end) {
        List<JournalRecord> all = new ArrayList<>();
        for (Batch batch : batches) {
            for (JournalRecord record : batch.records()) {
                if (record.sequence().isAfter(taken) && !record.sequence().isAfter(end)) {
                    all.add(record);
                }
            }
        }
        return all;
    }

    /** The records up to here are needed no longer, and their bytes not read any more. */
    void release(Sequence end) {
        taken = end;
        while (!batches.isEmpty() && !batches.getFirst().last().isAfter(end)) {
            Batch done = batches.removeFirst();
            bytes -= done.bytes();
            records -= done.records().size();
            done.lease().close();
        }
    }

    @Override
    public void close() {
        batches.forEach(batch -> batch.lease().close());
        batches.clear();
        cursor.close();
    }
}
