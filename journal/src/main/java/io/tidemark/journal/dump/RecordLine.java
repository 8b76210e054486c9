package io.tidemark.journal.dump;

import io.tidemark.journal.Entry;
import io.tidemark.journal.Epoch;
import io.tidemark.journal.Extent;
import io.tidemark.journal.JournalRecord;
import io.tidemark.journal.StreamId;
import java.time.Instant;

/** A record in one line. */
final class RecordLine {

    static final String HEADER = "%12s  %-36s  %8s  %-15s  %16s  %12s  %-30s  %s"
            .formatted("sequence", "stream", "epoch", "type", "offset", "length", "time", "checksum");

    private static final String NONE = "-";
    private static final long NANOS_PER_SECOND = 1_000_000_000L;

    /** The cells in the middle of a line. */
    private record Cells(String stream, String epoch, String type, String offset, String length, String more) {}

    private RecordLine() {}

    static String of(JournalRecord record) {
        Cells cells = cells(record.entry());
        return "%12s  %-36s  %8s  %-15s  %16s  %12s  %-30s  ok%s"
                .formatted(
                        record.sequence(),
                        cells.stream,
                        cells.epoch,
                        cells.type,
                        cells.offset,
                        cells.length,
                        Instant.ofEpochSecond(
                                Math.floorDiv(record.timeNanos(), NANOS_PER_SECOND),
                                Math.floorMod(record.timeNanos(), NANOS_PER_SECOND)),
                        cells.more.isEmpty() ? "" : "  " + cells.more);
    }

    private static Cells cells(Entry entry) {
        return switch (entry) {
            case Entry.Write write -> data("write", write, "");
            case Entry.Zero zero -> data("zero", zero, zero.keepAllocated() ? "  keep allocated" : "");
            case Entry.Trim trim -> data("trim", trim, "");
            case Entry.Flush flush -> epoch("flush", flush.stream(), flush.epoch(), "");
            case Entry.Cut cut -> plain("cut", NONE, "");
            case Entry.CopyBegin begin ->
                epoch("copy begin", begin.stream(), begin.epoch(), begin.side().name());
            case Entry.CopyEnd end ->
                epoch(
                        "copy end",
                        end.stream(),
                        end.epoch(),
                        end.side().name() + (end.word().isEmpty() ? "" : ", on the word of " + printable(end.word())));
            case Entry.Gap gap ->
                plain("gap", gap.stream().toString(), "behind " + gap.since() + ": " + printable(gap.reason()));
            case Entry.Track track ->
                plain("track", track.stream().toString(), track.all() ? "all of it" : "behind " + track.since());
            case Entry.AwaitRestart await ->
                plain("await restart", await.stream().toString(), "");
            case Entry.GuestRestarted restarted ->
                plain("guest restarted", restarted.stream().toString(), "");
            case Entry.Opened opened ->
                plain("opened", NONE, "incarnation " + opened.incarnation() + ", boot " + opened.boot());
            case Entry.Closed closed -> plain("closed", NONE, "");
            case Entry.VmDefined defined ->
                plain("vm defined", defined.vm().toString(), defined.document().remaining() + " bytes");
            case Entry.VmRemoved removed -> plain("vm removed", removed.vm().toString(), "");
        };
    }

    private static Cells data(String type, Entry.Data data, String more) {
        Extent extent = data.extent();
        return new Cells(
                data.stream().toString(),
                data.epoch().toString(),
                type,
                Long.toString(extent.offset()),
                Long.toString(extent.length()),
                (shipping(data) + more).strip());
    }

    private static String shipping(Entry.Data data) {
        return switch (data.shipping()) {
            case SHIPPED -> "";
            case LEFT_OUT -> "left out";
            case COPIED -> "copied";
        };
    }

    private static Cells epoch(String type, StreamId stream, Epoch epoch, String more) {
        return new Cells(stream.toString(), epoch.toString(), type, NONE, NONE, more);
    }

    private static Cells plain(String type, String stream, String more) {
        return new Cells(stream, NONE, type, NONE, NONE, more);
    }

    /** A reason may come from outside; a terminal obeys what it is told. */
    private static String printable(String text) {
        return text.replaceAll("\\p{Cntrl}", "?");
    }
}
