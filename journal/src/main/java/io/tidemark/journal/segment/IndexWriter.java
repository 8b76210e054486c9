package io.tidemark.journal.segment;

import static io.tidemark.journal.segment.IndexFormat.*;

import io.tidemark.journal.StreamId;
import io.tidemark.journal.extent.ExtentMap;
import io.tidemark.journal.segment.IndexFormat.Section;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.channels.FileChannel;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.nio.file.StandardOpenOption;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.zip.CRC32C;

/** Writes the index of a segment that nothing is added to any more. One use each. */
final class IndexWriter implements AutoCloseable {

    private static final int BUFFER_BYTES = 1 << 16;

    private final FileChannel channel;
    private final ByteBuffer buffer = ByteBuffer.allocateDirect(BUFFER_BYTES).order(ByteOrder.LITTLE_ENDIAN);
    private final CRC32C crc = new CRC32C();
    private final int[] counts = new int[SECTIONS.size()];
    private final int[] crcs = new int[SECTIONS.size()];

    private IndexWriter(Path file) throws IOException {
        channel = FileChannel.open(
                file, StandardOpenOption.CREATE, StandardOpenOption.TRUNCATE_EXISTING, StandardOpenOption.WRITE);
    }

    /**
     * Writes the index file; when this returns it is durable under its name. After a crash in the middle there is none.
     *
     * @param end where the last record ends in the cycle file
     */
    static void write(SegmentFolder folder, SegmentHeader header, ActiveIndex index, long end) throws IOException {
        Path draft = folder.path().resolve("index.draft");
        try (IndexWriter writer = new IndexWriter(draft)) {
            writer.writeAll(header, index, end);
        }
        Files.move(draft, folder.indexFile(), StandardCopyOption.ATOMIC_MOVE);
        SegmentFolder.forceDirectory(folder.path());
    }

    @Override
    public void close() throws IOException {
        channel.close();
    }

    private void writeAll(SegmentHeader header, ActiveIndex index, long end) throws IOException {
        channel.position(HEADER_BYTES);
        List<ActiveIndex.StreamIndex> streams = index.streamIndexes();
        writeStreams(streams);
        writeLog(index);
        writeMap(streams);
        writeMarks(index, streams);
        channel.position(0);
        buffer.clear();
        buffer.putInt(0, MAGIC).putInt(VERSION_AT, VERSION);
        buffer.putLong(NUMBER_AT, header.number())
                .putLong(INCARNATION_AT, header.incarnation().number());
        buffer.putLong(FIRST_AT, index.first().number())
                .putLong(LAST_AT, index.last().number());
        buffer.putLong(END_AT, end);
        for (int i = 0; i < counts.length; i++) {
            buffer.putInt(COUNTS_AT + 4 * i, counts[i]).putInt(CRCS_AT + 4 * i, crcs[i]);
        }
        buffer.putLong(80, 0).putInt(88, 0);
        crc.reset();
        crc.update(buffer.slice(0, CRC_AT));
        buffer.putInt(CRC_AT, (int) crc.getValue()).limit(HEADER_BYTES);
        drain();
        channel.force(true);
    }

    private void writeStreams(List<ActiveIndex.StreamIndex> streams) throws IOException {
        begin();
        int firstInMap = 0;
        for (ActiveIndex.StreamIndex each : streams) {
            room(STREAMS);
            buffer.putLong(each.stream.id().getMostSignificantBits())
                    .putLong(each.stream.id().getLeastSignificantBits());
            buffer.putLong(each.lastEpoch.number()).putLong(each.last.number());
            buffer.putLong(each.records).putLong(each.payloadBytes);
            buffer.putInt(firstInMap).putInt(each.map.size());
            firstInMap += each.map.size();
        }
        end(STREAMS, streams.size());
    }

    private void writeLog(ActiveIndex index) throws IOException {
        begin();
        PublishedList<ActiveIndex.Logged> log = index.log();
        for (int i = 0; i < log.size(); i++) {
            ActiveIndex.Logged change = log.get(i);
            room(LOG);
            buffer.putInt(change.stream())
                    .putInt((int) (change.sequence().number() - index.first().number()));
            buffer.putLong(change.extent().offset())
                    .putLong(change.extent().end())
                    .putLong(change.place());
        }
        end(LOG, log.size());
    }

    private void writeMap(List<ActiveIndex.StreamIndex> streams) throws IOException {
        begin();
        int count = 0;
        for (ActiveIndex.StreamIndex each : streams) {
            for (ExtentMap.Placed placed : each.map.toList()) {
                room(MAP);
                buffer.putLong(placed.offset()).putLong(placed.end()).putLong(placed.place());
            }
            count += each.map.size();
        }
        end(MAP, count);
    }

    private void writeMarks(ActiveIndex index, List<ActiveIndex.StreamIndex> streams) throws IOException {
        begin();
        Map<StreamId, Integer> numbers = new HashMap<>();
        streams.forEach(each -> numbers.put(each.stream, each.number));
        PublishedList<StoredMark> marks = index.marks();
        for (int i = 0; i < marks.size(); i++) {
            StoredMark mark = marks.get(i);
            room(MARKS);
            buffer.putLong(mark.sequence().number()).putLong(mark.timeNanos()).putLong(mark.position());
            buffer.putLong(mark.epoch()).putInt(numbers.getOrDefault(mark.stream(), NO_STREAM));
            buffer.put(mark.type()).put(mark.side()).putShort((short) 0);
        }
        end(MARKS, marks.size());
    }

    private void begin() {
        buffer.clear();
        crc.reset();
    }

    private void room(Section section) throws IOException {
        if (buffer.remaining() < section.entryBytes()) {
            flush();
        }
    }

    private void end(Section section, int count) throws IOException {
        flush();
        counts[section.number()] = count;
        crcs[section.number()] = (int) crc.getValue();
    }

    private void flush() throws IOException {
        buffer.flip();
        crc.update(buffer.duplicate());
        drain();
        buffer.clear();
    }

    private void drain() throws IOException {
        while (buffer.hasRemaining()) {
            channel.write(buffer);
        }
    }
}
