package io.tidemark.journal.log;

import io.tidemark.journal.Extent;
import io.tidemark.journal.Lease;
import io.tidemark.journal.Piece;
import io.tidemark.journal.Resolved;
import io.tidemark.journal.Sequence;
import io.tidemark.journal.StreamId;
import io.tidemark.journal.View;
import io.tidemark.journal.extent.ExtentLookup;
import io.tidemark.journal.segment.Segment;
import io.tidemark.journal.segment.SegmentChain;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;

/**
 * A chain of segments laid over what is below: newer segments cover older ones.
 *
 * <p>A view of all of it is the owner's; one with an upper bound never changes and serves any thread.
 */
final class ChainView implements View {

    private final SegmentChain chain;
    private final Sequence upTo;
    private final boolean bounded;
    private final Map<Part, ExtentLookup> parts = new ConcurrentHashMap<>();

    /** What one stream has up to the bound in a segment that goes on behind it, or that is still written. */
    private record Part(Segment segment, StreamId stream) {}

    private ChainView(SegmentChain chain, Sequence upTo, boolean bounded) {
        this.chain = chain;
        this.upTo = upTo;
        this.bounded = bounded;
    }

    static ChainView latest(SegmentChain chain) {
        return new ChainView(chain, new Sequence(Long.MAX_VALUE), false);
    }

    static ChainView at(SegmentChain chain, Sequence upTo) {
        return new ChainView(chain, upTo, true);
    }

    @Override
    public Resolved resolve(StreamId stream, Extent extent, Sequence above) {
        List<Segment> segments = chain.all();
        Resolution resolution = new Resolution(segments, stream, above);
        resolution.resolve(segments.size() - 1, extent.offset(), extent.end());
        return resolution.result();
    }

    /** One extent being taken apart, from the newest segment to the oldest. */
    private final class Resolution {

        private final List<Segment> segments;
        private final StreamId stream;
        private final Sequence above;
        private final List<Piece> pieces = new ArrayList<>(2);
        private final List<Lease> leases = new ArrayList<>(1);
        private int leased = -1;

        Resolution(List<Segment> segments, StreamId stream, Sequence above) {
            this.segments = segments;
            this.stream = stream;
            this.above = above;
        }

        /** Finds {@code [from, to)} in segment {@code at} and, where it has nothing, in those before it. */
        void resolve(int at, long from, long to) {
            if (at < 0 || !segments.get(at).last().isAfter(above)) {
                pieces.add(new Piece.Below(Extent.between(from, to)));
                return;
            }
            Segment segment = segments.get(at);
            long[] done = {from};
            extents(segment).overlapping(from, to, (offset, end, place) -> {
                if (done[0] < offset) {
                    resolve(at - 1, done[0], offset);
                }
                pieces.add(piece(at, segment, Extent.between(offset, end), place));
                done[0] = end;
            });
            if (done[0] < to) {
                resolve(at - 1, done[0], to);
            }
        }

        Resolved result() {
            return new Resolved(
                    pieces,
                    switch (leases.size()) {
                        case 0 -> Lease.NONE;
                        case 1 -> leases.getFirst();
                        default -> () -> leases.forEach(Lease::close);
                    });
        }

        private ExtentLookup extents(Segment segment) {
            if (segment.first().isAfter(upTo)) {
                return ExtentLookup.EMPTY;
            }
            boolean changing = bounded && !segment.isSealed();
            return changing || segment.last().isAfter(upTo)
                    ? parts.computeIfAbsent(new Part(segment, stream), part -> segment.contents()
                            .extents(stream, upTo))
                    : segment.contents().extents(stream);
        }

        private Piece piece(int at, Segment segment, Extent extent, long place) {
            if (place == ExtentLookup.ZEROES) {
                return new Piece.Zeroes(extent);
            }
            if (leased != at) {
                leases.add(segment.lease());
                leased = at;
            }
            return new Piece.Stored(extent, segment.bytes(place, extent.length()));
        }
    }
}
