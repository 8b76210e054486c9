package io.tidemark.journal.log;

import io.tidemark.journal.Epoch;
import io.tidemark.journal.Extent;
import io.tidemark.journal.Incarnation;
import io.tidemark.journal.Journal.Life;
import io.tidemark.journal.Sequence;
import io.tidemark.journal.StreamId;
import io.tidemark.journal.Tail;
import io.tidemark.journal.extent.ExtentLookup;
import io.tidemark.journal.segment.SealedIndex;
import io.tidemark.journal.segment.Segment;
import io.tidemark.journal.segment.SegmentChain;
import io.tidemark.journal.segment.SegmentContents;
import io.tidemark.journal.segment.SegmentContents.StreamSummary;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.function.Consumer;
import java.util.function.ObjLongConsumer;
import java.util.stream.Stream;

/** What the indexes of a chain's segments say of their records, without looking at one. */
final class ChainSummary {

    private ChainSummary() {}

    static List<Life> lives(SegmentChain chain) {
        List<Life> lives = new ArrayList<>();
        for (Segment segment : chain.all()) {
            Incarnation incarnation = segment.header().incarnation();
            if (lives.isEmpty() || !lives.getLast().incarnation().equals(incarnation)) {
                lives.add(new Life(incarnation, segment.first()));
            }
        }
        return lives;
    }

    static Map<StreamId, Tail> tails(SegmentChain chain) {
        Map<StreamId, Tail> tails = new HashMap<>();
        for (Segment segment : chain.all()) {
            for (StreamSummary each : segment.contents().streams()) {
                tails.merge(each.stream(), new Tail(new Epoch(each.lastEpoch()), each.last()), Tail::and);
            }
        }
        return tails;
    }

    static void touched(SegmentChain chain, StreamId stream, Sequence after, Sequence upTo, Consumer<Extent> visitor) {
        overlapping(chain, after, upTo).forEach(segment -> {
            SegmentContents contents = segment.contents();
            ExtentLookup extents =
                    contents instanceof SealedIndex ? contents.extents(stream) : contents.extents(stream, upTo);
            extents.overlapping(0, Long.MAX_VALUE, (offset, end, place) -> visitor.accept(Extent.between(offset, end)));
        });
    }

    static void parts(SegmentChain chain, Sequence after, Sequence upTo, ObjLongConsumer<Sequence> visitor) {
        overlapping(chain, after, upTo).forEach(segment -> {
            Sequence last = Sequence.earlier(segment.last(), upTo);
            visitor.accept(last, segment.contents().bytes(after, last));
        });
    }

    private static Stream<Segment> overlapping(SegmentChain chain, Sequence after, Sequence upTo) {
        return chain.all().stream()
                .filter(segment ->
                        segment.last().isAfter(after) && !segment.first().isAfter(upTo));
    }
}
