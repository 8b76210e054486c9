package io.tidemark.journal;

import io.tidemark.journal.Journal.Life;
import io.tidemark.journal.format.RecordEncoder;
import java.nio.ByteBuffer;
import java.util.ArrayList;
import java.util.List;
import java.util.function.Consumer;

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
    private final List<Sequence> documentEnds = new ArrayList<>();
    private final List<Consumer<JournalRecord>> watchers = new ArrayList<>();
    private final RecordEncoder encoder = new RecordEncoder();

    /** Tells of each record that is written from here on, once it is. */
    public void watch(Consumer<JournalRecord> watcher) {
        watchers.add(watcher);
    }

    /**
     * Of what was not forced only so many documents are left, the first ones; a range is one. After a force that failed this may happen
     * without a power cut: the kernel forgets what it has not written when it needs room.
     */
    public void cutPower(int documents) {
        documentEnds.stream()
                .filter(end -> end.isAfter(forced))
                .limit(documents)
                .reduce((earlier, later) -> later)
                .ifPresent(end -> forced = end);
        cutPower();
    }

    /** All that was not forced is gone. */
    public void cutPower() {
        documentEnds.removeIf(end -> end.isAfter(forced));
        while (!records.isEmpty() && last().isAfter(forced)) {
            records.removeLast();
        }
        lives.removeIf(life -> life.first().isAfter(forced));
    }

    /** A record, or a range, is complete: a power cut leaves all of it or nothing. */
    void endDocument() {
        documentEnds.removeIf(end -> !end.isAfter(forced));
        documentEnds.add(last());
    }

    /** The newest record that is here. */
    public Sequence last() {
        return records.isEmpty() ? trimmed : records.getLast().record().sequence();
    }

    void add(JournalRecord record) {
        encoder.encode(record.sequence(), record.timeNanos(), record.entry());
        ByteBuffer image = ByteBuffer.allocateDirect(encoder.bytes())
                .put(encoder.header())
                .put(encoder.payload())
                .flip()
                .asReadOnlyBuffer();
        Stored stored = new Stored(InMemoryJournal.decoded(image), image);
        records.add(stored);
        watchers.forEach(watcher -> watcher.accept(stored.record()));
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

    /** A source's sequences are contiguous; a replica's begin anywhere, and some may have been left out. */
    private int indexBehind(Sequence sequence) {
        int low = 0;
        int high = records.size();
        while (low < high) {
            int middle = (low + high) >>> 1;
            if (records.get(middle).record().sequence().isAfter(sequence)) {
                high = middle;
            } else {
                low = middle + 1;
            }
        }
        return low;
    }
}
