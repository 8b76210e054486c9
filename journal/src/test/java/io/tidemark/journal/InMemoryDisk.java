package io.tidemark.journal;

import io.tidemark.journal.Journal.Life;
import io.tidemark.journal.format.RecordEncoder;
import java.nio.ByteBuffer;
import java.util.ArrayList;
import java.util.List;

/**
 * What an {@link InMemoryJournal} leaves behind: its records and how many of them were forced. Outlives the journal, as a
 * disk outlives a process, and forgets what was not forced when the power is cut.
 */
public final class InMemoryDisk {

    /** A record, its bytes as they are on a wire, and its decoded form over the same bytes. */
    record Stored(JournalRecord record, ByteBuffer image) {}

    final List<Stored> records = new ArrayList<>();
    final List<Life> lives = new ArrayList<>();
    Sequence trimmed = Sequence.NONE;
    Sequence forced = Sequence.NONE;
    private final RecordEncoder encoder = new RecordEncoder();

    /** All that was not forced is gone. */
    public void cutPower() {
        while (!records.isEmpty() && last().isAfter(forced)) {
            records.removeLast();
        }
        lives.removeIf(life -> life.first().isAfter(forced));
    }

    Sequence last() {
        return records.isEmpty() ? trimmed : records.getLast().record().sequence();
    }

    void add(JournalRecord record) {
        encoder.encode(record.sequence(), record.timeNanos(), record.entry());
        ByteBuffer image = ByteBuffer.allocateDirect(encoder.bytes())
                .put(encoder.header())
                .put(encoder.payload())
                .flip()
                .asReadOnlyBuffer();
        records.add(new Stored(InMemoryJournal.decoded(image), image));
    }

    /** The records in {@code (after, upTo]}. */
    List<Stored> between(Sequence after, Sequence upTo) {
        int from = indexBehind(after);
        int to = Math.max(from, indexBehind(Sequence.earlier(upTo, last())));
        return List.copyOf(records.subList(from, to));
    }

    void trim(Sequence upTo) {
        if (upTo.isAfter(trimmed)) {
            records.subList(0, indexBehind(upTo)).clear();
            trimmed = upTo;
        }
    }

    /** Sequences are contiguous, but a replica's first record may have any. */
    private int indexBehind(Sequence sequence) {
        if (records.isEmpty()) {
            return 0;
        }
        long first = records.getFirst().record().sequence().number();
        return Math.clamp(sequence.number() - first + 1, 0, records.size());
    }
}
