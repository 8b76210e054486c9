package io.tidemark.journal;

import io.tidemark.journal.extent.ExtentMap;
import java.nio.ByteBuffer;
import java.util.ArrayList;
import java.util.List;
import java.util.function.Supplier;

/** Some records laid over what is below, worked out anew for each question: slow, and plainly right. */
final class InMemoryView implements View {

    private final Supplier<List<InMemoryDisk.Stored>> records;

    InMemoryView(Supplier<List<InMemoryDisk.Stored>> records) {
        this.records = records;
    }

    @Override
    public Resolved resolve(StreamId stream, Extent extent, Sequence above) {
        List<ByteBuffer> payloads = new ArrayList<>();
        ExtentMap map = new ExtentMap();
        long place = 1;
        List<Long> starts = new ArrayList<>();
        for (InMemoryDisk.Stored each : records.get()) {
            if (each.record().sequence().isAfter(above)
                    && each.record().entry() instanceof Entry.Data data
                    && data.stream().equals(stream)) {
                boolean bytes = data instanceof Entry.Write;
                map.put(data.extent().offset(), data.extent().end(), bytes ? place : 0);
                if (data instanceof Entry.Write write) {
                    starts.add(place);
                    payloads.add(write.payload());
                    place += write.payload().remaining();
                }
            }
        }
        List<Piece> pieces = new ArrayList<>();
        long[] done = {extent.offset()};
        map.overlapping(extent.offset(), extent.end(), (offset, end, at) -> {
            below(pieces, done[0], offset);
            pieces.add(
                    at == 0
                            ? new Piece.Zeroes(Extent.between(offset, end))
                            : stored(offset, end, at, starts, payloads));
            done[0] = end;
        });
        below(pieces, done[0], extent.end());
        return new Resolved(pieces, Lease.NONE);
    }

    private static void below(List<Piece> pieces, long from, long to) {
        if (from < to) {
            pieces.add(new Piece.Below(Extent.between(from, to)));
        }
    }

    private static Piece stored(long offset, long end, long place, List<Long> starts, List<ByteBuffer> payloads) {
        int at = 0;
        while (at + 1 < starts.size() && starts.get(at + 1) <= place) {
            at++;
        }
        ByteBuffer payload = payloads.get(at);
        int from = payload.position() + (int) (place - starts.get(at));
        return new Piece.Stored(Extent.between(offset, end), payload.slice(from, (int) (end - offset)));
    }
}
