package io.tidemark.fuzz;

import io.tidemark.journal.format.RangeFormat;
import io.tidemark.journal.format.RecordFormat;
import io.tidemark.journal.log.Folders;
import io.tidemark.journal.segment.DocumentWalk;
import io.tidemark.journal.segment.SegmentFolder;
import java.io.IOException;
import java.lang.foreign.MemorySegment;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Random;
import java.util.zip.CRC32C;

/** Does to the files of a journal what disks, people and bugs may do to them. One use each. */
final class JournalDamage {

    private static final int PAGE_BYTES = 4096;
    private static final int EXTENSION_BYTES_MAX = 20_000;
    private static final int RANGE_CRC_AT = 36;
    private static final int INDEX_HEADER_BYTES = 96;
    private static final int INDEX_CRC_AT = 92;
    private static final int[] RECORD_FIELDS = {
        RecordFormat.MAGIC_AT,
        RecordFormat.VERSION_AT,
        RecordFormat.TYPE_AT,
        RecordFormat.FLAGS_AT,
        RecordFormat.SEQUENCE_AT,
        RecordFormat.STREAM_AT,
        RecordFormat.EPOCH_AT,
        RecordFormat.OFFSET_AT,
        RecordFormat.LENGTH_AT,
        RecordFormat.PAYLOAD_BYTES_AT
    };

    private final Path journal;
    private final Random random;
    private boolean forged;

    JournalDamage(Path journal, Random random) {
        this.journal = journal;
        this.random = random;
    }

    /** Damages it; whether some of that was given checksums that are right again, so that nobody can tell. */
    boolean run() throws IOException {
        for (int i = 1 + random.nextInt(3); i > 0; i--) {
            List<SegmentFolder> segments = SegmentFolder.list(journal.resolve("segments"));
            SegmentFolder segment = segments.get(random.nextInt(segments.size()));
            switch (random.nextInt(10)) {
                case 0 -> files(segments, segment);
                case 1 -> properties();
                case 2, 3 -> index(segment.indexFile());
                default -> documents(segment.cycleFile());
            }
        }
        return forged;
    }

    /** Whole files: gone, empty, or in another's place. */
    private void files(List<SegmentFolder> segments, SegmentFolder segment) throws IOException {
        SegmentFolder other = segments.get(random.nextInt(segments.size()));
        SegmentFolder free = SegmentFolder.in(journal.resolve("segments"), random.nextInt(40));
        Path file = random.nextBoolean() ? segment.cycleFile() : segment.indexFile();
        switch (random.nextInt(7)) {
            case 0 -> Files.deleteIfExists(file);
            case 1 -> Files.write(file, new byte[0]);
            case 2 -> copy(other.indexFile(), segment.indexFile());
            case 3 -> copy(other.cycleFile(), segment.cycleFile());
            case 4 -> {
                Folders.delete(segment.path());
                if (segments.size() == 1) {
                    Files.createDirectory(segment.path());
                }
            }
            case 5 -> {
                if (!Files.exists(free.path())) {
                    Files.move(segment.path(), free.path());
                }
            }
            default -> {
                if (!Files.exists(free.path())) {
                    Folders.copy(segment.path(), free.path());
                }
            }
        }
    }

    private void properties() throws IOException {
        Path file = journal.resolve("journal.properties");
        byte[] bytes = Files.exists(file) ? Files.readAllBytes(file) : new byte[1];
        switch (random.nextInt(5)) {
            case 0 -> Files.deleteIfExists(file);
            case 1 -> Files.write(file, Arrays.copyOf(bytes, random.nextInt(bytes.length + 1)));
            case 2 -> Files.writeString(file, "format=1\nid=\\u00zz\n");
            case 3 -> Files.writeString(file, "format=" + Numbers.any(random) + "\nid=1-2-3-4-5\n");
            default -> Files.write(file, changed(bytes));
        }
    }

    private void index(Path file) throws IOException {
        if (!Files.isRegularFile(file)) {
            return;
        }
        byte[] bytes = changed(Files.readAllBytes(file));
        if (bytes.length >= INDEX_HEADER_BYTES && random.nextBoolean()) {
            ByteBuffer header = ByteBuffer.wrap(bytes).order(ByteOrder.LITTLE_ENDIAN);
            if (random.nextBoolean()) {
                header.putLong(8 * (1 + random.nextInt(10)), Numbers.any(random));
            }
            header.putInt(INDEX_CRC_AT, crc(bytes, 0, INDEX_CRC_AT));
            forged = true;
        }
        Files.write(file, bytes);
    }

    private void documents(Path file) throws IOException {
        if (!Files.isRegularFile(file)) {
            return;
        }
        byte[] bytes = Files.readAllBytes(file);
        List<int[]> documents = new ArrayList<>();
        DocumentWalk walk = new DocumentWalk(MemorySegment.ofArray(bytes), 0, bytes.length);
        while (walk.next()) {
            documents.add(new int[] {(int) walk.start(), walk.document().remaining()});
        }
        Files.write(file, documents.isEmpty() ? changed(bytes) : damaged(bytes, documents, walk.end()));
    }

    private byte[] damaged(byte[] bytes, List<int[]> documents, long end) {
        int[] document = documents.get(random.nextInt(documents.size()));
        int[] other = documents.get(random.nextInt(documents.size()));
        int framed = document[0] - DocumentWalk.HEADER_BYTES;
        switch (random.nextInt(9)) {
            case 0 -> little(bytes).putInt(framed, (int) Numbers.any(random));
            case 1, 2, 3 -> field(bytes, document);
            case 4 -> System.arraycopy(bytes, other[0], bytes, document[0], Math.min(other[1], document[1]));
            case 5 -> {
                int room = (int) Math.min(other[1] + DocumentWalk.HEADER_BYTES, bytes.length - end);
                System.arraycopy(bytes, other[0] - DocumentWalk.HEADER_BYTES, bytes, (int) end, Math.max(0, room));
            }
            case 6 -> {
                int behind = Math.min(bytes.length, (document[0] + document[1] + 3) & ~3);
                System.arraycopy(bytes, behind, bytes, framed, bytes.length - behind);
            }
            case 7 -> {
                int page = (framed + random.nextInt(document[1])) / PAGE_BYTES * PAGE_BYTES;
                Arrays.fill(bytes, page, Math.min(bytes.length, page + PAGE_BYTES), (byte) 0);
            }
            default -> {
                return changed(bytes);
            }
        }
        return bytes;
    }

    /** A field of the document, or of the first record in it, half of the time behind a checksum that is right again. */
    private void field(byte[] bytes, int[] document) {
        ByteBuffer all = little(bytes);
        int start = document[0];
        boolean range = document[1] >= RangeFormat.HEADER_BYTES && all.getInt(start) == RangeFormat.MAGIC;
        boolean inRecord = !range || random.nextBoolean();
        int at = range && inRecord ? start + RangeFormat.HEADER_BYTES : start;
        if (at + RecordFormat.HEADER_BYTES > start + document[1]) {
            return;
        }
        int payload = all.getInt(at + RecordFormat.PAYLOAD_BYTES_AT);
        int field = RECORD_FIELDS[random.nextInt(inRecord ? RECORD_FIELDS.length : 4)];
        if (inRecord) {
            all.putLong(at + field, Numbers.any(random));
        } else {
            all.putLong(at + 8 * random.nextInt(4), Numbers.any(random));
        }
        if (random.nextBoolean()) {
            forged = true;
            if (!inRecord) {
                all.putInt(at + RANGE_CRC_AT, crc(bytes, at, RANGE_CRC_AT));
            } else if (payload >= 0 && payload <= start + document[1] - at - RecordFormat.HEADER_BYTES) {
                CRC32C crc = new CRC32C();
                crc.update(bytes, at, RecordFormat.CRC_AT);
                crc.update(bytes, at + RecordFormat.HEADER_BYTES, payload);
                all.putInt(at + RecordFormat.CRC_AT, (int) crc.getValue());
            }
        }
    }

    /** Bytes without any regard to what they mean. */
    private byte[] changed(byte[] bytes) {
        byte[] next = bytes.clone();
        int at = bytes.length == 0 ? 0 : random.nextInt(bytes.length);
        switch (bytes.length < Long.BYTES ? 0 : random.nextInt(6)) {
            case 0 -> {
                return Arrays.copyOf(bytes, at + random.nextInt(EXTENSION_BYTES_MAX));
            }
            case 1 -> {
                return Arrays.copyOf(bytes, at);
            }
            case 2 -> {
                byte[] garbage = new byte[Math.min(bytes.length - at, 1 + random.nextInt(PAGE_BYTES))];
                random.nextBytes(garbage);
                System.arraycopy(garbage, 0, next, at, garbage.length);
            }
            case 3 -> next[at] ^= (byte) (1 << random.nextInt(Byte.SIZE));
            default -> little(next).putLong(Math.min(at, bytes.length - Long.BYTES), Numbers.any(random));
        }
        return next;
    }

    private static void copy(Path from, Path to) throws IOException {
        if (Files.exists(from)) {
            Files.write(to, Files.readAllBytes(from));
        }
    }

    private static ByteBuffer little(byte[] bytes) {
        return ByteBuffer.wrap(bytes).order(ByteOrder.LITTLE_ENDIAN);
    }

    private static int crc(byte[] bytes, int from, int length) {
        CRC32C crc = new CRC32C();
        crc.update(bytes, from, length);
        return (int) crc.getValue();
    }
}
