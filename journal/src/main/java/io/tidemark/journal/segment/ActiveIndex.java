package io.tidemark.journal.segment;

import io.tidemark.journal.Entry;
import io.tidemark.journal.Epoch;
import io.tidemark.journal.Extent;
import io.tidemark.journal.JournalRecord;
import io.tidemark.journal.Sequence;
import io.tidemark.journal.StreamId;
import io.tidemark.journal.extent.ExtentLookup;
import io.tidemark.journal.extent.ExtentMap;
import io.tidemark.journal.format.RecordFormat;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.function.Consumer;

/**
 * The index of a segment while it is being written, in memory.
 *
 * <p>The journal's owner adds to it and looks up in {@link #extents(StreamId)}; any thread may read the log and the
 * marks.
 */
public final class ActiveIndex implements SegmentContents {

    /** A change of bytes, in the order of the journal. */
    record Logged(int stream, Sequence sequence, Extent extent, long place) {}

    /** What one stream has here; touched by the owner only, and by the sealer when nothing is added any more. */
    static final class StreamIndex {
        final StreamId stream;
        final int number;
        final ExtentMap map = new ExtentMap();
        Epoch lastEpoch = Epoch.FIRST;
        Sequence last = Sequence.NONE;
        long records;
        long payloadBytes;

        StreamIndex(StreamId stream, int number) {
            this.stream = stream;
            this.number = number;
        }
    }

    private static final byte NO_SIDE = 0;

    private final Sequence first;
    private final Map<StreamId, StreamIndex> byStream = new HashMap<>();
    private final PublishedList<StreamIndex> streams = new PublishedList<>();
    private final PublishedList<Logged> log = new PublishedList<>();
    private final PublishedList<StoredMark> marks = new PublishedList<>();
    private volatile Sequence last;

    /** An empty index of a segment whose first record will have this sequence. */
    public ActiveIndex(Sequence first) {
        this.first = first;
        this.last = first.previous();
    }

    /** Notes a record whose first byte is at {@code position} in the cycle file. */
    public void add(JournalRecord record, long position) {
        switch (record.entry()) {
            case Entry.Write write ->
                addData(record.sequence(), write, position + RecordFormat.HEADER_BYTES).payloadBytes +=
                        write.payload().remaining();
            case Entry.Zero zero -> addData(record.sequence(), zero, ExtentLookup.ZEROES);
            case Entry.Trim trim -> addData(record.sequence(), trim, ExtentLookup.ZEROES);
            case Entry.Control control -> marks.add(mark(record, control, position));
        }
        last = record.sequence();
    }

    @Override
    public Sequence first() {
        return first;
    }

    @Override
    public Sequence last() {
        return last;
    }

    @Override
    public List<StreamSummary> streams() {
        List<StreamSummary> summaries = new ArrayList<>();
        for (int i = 0; i < streams.size(); i++) {
            StreamIndex each = streams.get(i);
            summaries.add(new StreamSummary(
                    each.stream, each.lastEpoch.number(), each.last, each.records, each.payloadBytes));
        }
        return summaries;
    }

    @Override
    public ExtentLookup extents(StreamId stream) {
        StreamIndex index = byStream.get(stream);
        return index == null ? ExtentLookup.EMPTY : index.map;
    }

    @Override
    public ExtentLookup extents(StreamId stream, Sequence upTo) {
        ExtentMap map = new ExtentMap();
        for (int i = 0; i < log.size() && !log.get(i).sequence().isAfter(upTo); i++) {
            Logged change = log.get(i);
            if (streams.get(change.stream()).stream.equals(stream)) {
                map.put(change.extent().offset(), change.extent().end(), change.place());
            }
        }
        return map;
    }

    @Override
    public long bytes(Sequence after, Sequence upTo) {
        long bytes = 0;
        for (int i = 0; i < log.size() && !log.get(i).sequence().isAfter(upTo); i++) {
            Logged change = log.get(i);
            if (change.sequence().isAfter(after)) {
                bytes += RecordFormat.bytes(change.extent().length(), change.place() != ExtentLookup.ZEROES);
            }
        }
        long[] control = {0};
        marks(after, upTo, mark -> control[0] += RecordFormat.HEADER_BYTES);
        return bytes + control[0];
    }

    @Override
    public void marks(Sequence after, Sequence upTo, Consumer<StoredMark> reader) {
        for (int i = 0; i < marks.size() && !marks.get(i).sequence().isAfter(upTo); i++) {
            if (marks.get(i).sequence().isAfter(after)) {
                reader.accept(marks.get(i));
            }
        }
    }

    List<StreamIndex> streamIndexes() {
        List<StreamIndex> all = new ArrayList<>();
        for (int i = 0; i < streams.size(); i++) {
            all.add(streams.get(i));
        }
        return all;
    }

    PublishedList<Logged> log() {
        return log;
    }

    PublishedList<StoredMark> marks() {
        return marks;
    }

    private StreamIndex addData(Sequence sequence, Entry.Data data, long place) {
        StreamIndex index = indexOf(data.stream());
        index.lastEpoch = data.epoch();
        if (data.provesSource()) {
            index.last = sequence;
        }
        index.records++;
        index.map.put(data.extent().offset(), data.extent().end(), place);
        log.add(new Logged(index.number, sequence, data.extent(), place));
        return index;
    }

    private StreamIndex indexOf(StreamId stream) {
        StreamIndex index = byStream.get(stream);
        if (index == null) {
            index = new StreamIndex(stream, byStream.size());
            byStream.put(stream, index);
            streams.add(index);
        }
        return index;
    }

    private StoredMark mark(JournalRecord record, Entry.Control control, long position) {
        return switch (control) {
            case Entry.Flush flush ->
                ofStream(record, position, flush.stream(), flush.epoch(), RecordFormat.FLUSH, NO_SIDE);
            case Entry.CopyBegin begin ->
                ofStream(
                        record,
                        position,
                        begin.stream(),
                        begin.epoch(),
                        RecordFormat.COPY_BEGIN,
                        RecordFormat.code(begin.side()));
            case Entry.CopyEnd end ->
                ofStream(
                        record,
                        position,
                        end.stream(),
                        end.epoch(),
                        RecordFormat.COPY_END,
                        RecordFormat.code(end.side()));
            case Entry.Cut cut -> ofNone(record, position, RecordFormat.CUT);
            case Entry.Gap gap -> ofNone(record, position, RecordFormat.GAP);
            case Entry.Track track -> ofNone(record, position, RecordFormat.TRACK);
            case Entry.AwaitRestart await -> ofNone(record, position, RecordFormat.AWAIT_RESTART);
            case Entry.GuestRestarted restarted -> ofNone(record, position, RecordFormat.GUEST_RESTARTED);
            case Entry.Opened opened -> ofNone(record, position, RecordFormat.OPENED);
            case Entry.Closed closed -> ofNone(record, position, RecordFormat.CLOSED);
            case Entry.VmDefined defined -> ofNone(record, position, RecordFormat.VM_DEFINED);
            case Entry.VmRemoved removed -> ofNone(record, position, RecordFormat.VM_REMOVED);
        };
    }

    private StoredMark ofStream(
            JournalRecord record, long position, StreamId stream, Epoch epoch, byte type, byte side) {
        StreamIndex index = indexOf(stream);
        index.lastEpoch = epoch;
        if (record.entry().provesSource()) {
            index.last = record.sequence();
        }
        return stored(record, position, stream, epoch, type, side);
    }

    private static StoredMark stored(
            JournalRecord record, long position, StreamId stream, Epoch epoch, byte type, byte side) {
        return new StoredMark(record.sequence(), record.timeNanos(), position, epoch.number(), stream, type, side);
    }

    private static StoredMark ofNone(JournalRecord record, long position, byte type) {
        return new StoredMark(record.sequence(), record.timeNanos(), position, 0, StreamId.NONE, type, NO_SIDE);
    }
}
