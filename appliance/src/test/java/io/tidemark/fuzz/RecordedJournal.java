package io.tidemark.fuzz;

import static io.tidemark.journal.Entries.flush;
import static io.tidemark.journal.Entries.stream;

import io.tidemark.journal.Entries;
import io.tidemark.journal.Entry;
import io.tidemark.journal.JournalRecord;
import io.tidemark.journal.Range;
import io.tidemark.journal.Sequence;
import io.tidemark.journal.format.RecordEncoder;
import io.tidemark.journal.log.Folders;
import io.tidemark.journal.log.TestJournal;
import java.nio.ByteBuffer;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Random;

/** A journal of two lives that ended well and one that was killed, and each of its records as bytes. */
record RecordedJournal(Path files, boolean isReplicas, Map<Sequence, ByteBuffer> images) {

    static final int STREAMS = 3;
    static final long DISK_BYTES = 1 << 20;

    private static final int LIVES = 3;
    private static final int RECORDS_OF_A_LIFE = 25;
    private static final int RECORDS_OF_A_RANGE = 4;

    static RecordedJournal ofSource(Path folder) throws Exception {
        Path live = folder.resolve("source");
        Random random = new Random(1);
        for (int life = 1; ; life++) {
            TestJournal journal = TestJournal.open(live);
            for (int i = 0; i < RECORDS_OF_A_LIFE; i++) {
                journal.append(entry(random));
            }
            journal.force();
            if (life == LIVES) {
                return killed(journal, live, false);
            }
            journal.close();
        }
    }

    /** The same records, in ranges. */
    static RecordedJournal ofReplica(Path folder, RecordedJournal source) throws Exception {
        Path live = folder.resolve("replica");
        long next = 1;
        for (int life = 1; ; life++) {
            TestJournal journal = TestJournal.openReplica(live);
            long last = (long) source.images().size() * life / LIVES;
            while (next <= last) {
                long end = Math.min(last, next + RECORDS_OF_A_RANGE - 1);
                journal.append(source.range(next, end));
                next = end + 1;
            }
            journal.force();
            if (life == LIVES) {
                return killed(journal, live, true);
            }
            journal.close();
        }
    }

    private Range range(long first, long last) {
        List<ByteBuffer> records = new ArrayList<>();
        for (long number = first; number <= last; number++) {
            records.add(images.get(new Sequence(number)));
        }
        ByteBuffer body = ByteBuffer.allocateDirect(
                records.stream().mapToInt(ByteBuffer::remaining).sum());
        records.forEach(record -> body.put(record.duplicate()));
        return new Range(new Sequence(first), new Sequence(last), records.size(), body.flip());
    }

    private static Entry entry(Random random) {
        return switch (random.nextInt(8)) {
            case 0 -> flush(stream(random.nextInt(STREAMS)));
            case 1 -> new Entry.Cut();
            case 2 -> new Entry.Gap(stream(0), new Sequence(random.nextInt(20)), "the client was lost");
            default -> Entries.change(random, stream(random.nextInt(STREAMS)), DISK_BYTES);
        };
    }

    private static RecordedJournal killed(TestJournal journal, Path live, boolean isReplicas) throws Exception {
        Map<Sequence, ByteBuffer> images = new HashMap<>();
        journal.read().forEach(record -> images.put(record.sequence(), image(record)));
        Path files = live.resolveSibling(live.getFileName() + "-killed");
        Folders.copy(live, files);
        journal.close();
        return new RecordedJournal(files, isReplicas, Map.copyOf(images));
    }

    static ByteBuffer image(JournalRecord record) {
        RecordEncoder encoder = new RecordEncoder();
        encoder.encode(record.sequence(), record.timeNanos(), record.entry());
        ByteBuffer header = encoder.header();
        ByteBuffer payload = encoder.payload();
        return ByteBuffer.allocate(header.remaining() + payload.remaining())
                .put(header)
                .put(payload)
                .flip()
                .asReadOnlyBuffer();
    }
}
