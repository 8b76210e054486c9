package io.tidemark.ship;

import io.tidemark.journal.Batch;
import io.tidemark.journal.Entry;
import io.tidemark.journal.JournalRecord;
import io.tidemark.journal.Shipping;
import io.tidemark.journal.StreamId;
import java.nio.ByteBuffer;
import java.util.ArrayList;
import java.util.BitSet;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;

/**
 * Many epochs as one range: what is overwritten in it is left out, and so are the points in between. Decisions only.
 *
 * <p>The receiver takes a range as a whole, so it is enough that each point which is left in it is exact (I3), and that each stream's last one is (I9): a
 * change may go if what overwrites all of it comes before the next record that is no mere end of an epoch, or is an end that stays.
 */
final class Merge {

    /** What a merge has to save to be worth the points that it costs: one part in so many. */
    private static final int WORTH = 8;

    private final List<JournalRecord> records;
    private final List<ByteBuffer> images;
    private final BitSet kept = new BitSet();
    private final Map<StreamId, Covered> covered = new HashMap<>();
    private final Set<StreamId> ended = new HashSet<>();
    private boolean cut;
    private int bytes;

    private Merge(Batch batch, int count) {
        records = batch.records().subList(0, count);
        images = batch.images().subList(0, count);
        for (int i = count - 1; i >= 0; i--) {
            if (keeps(records.get(i).entry())) {
                kept.set(i);
                bytes += images.get(i).remaining();
            }
        }
        if (kept.isEmpty() || !kept.get(count - 1)) {
            throw new IllegalArgumentException("a range needs its last record");
        }
    }

    /**
     * As much of a batch as fits into one range, with the batch's lease; empty, and the lease stays with the caller, if that is not worth it.
     *
     * @param bytesMax of the range
     */
    static Optional<Batch> of(Batch batch, int bytesMax) {
        for (int count = lastShipped(batch, batch.records().size()); count > 0; count = lastShipped(batch, count / 2)) {
            Merge merge = new Merge(batch, count);
            if (merge.bytes <= bytesMax) {
                return merge.isWorthIt() ? Optional.of(merge.batch(batch)) : Optional.empty();
            }
        }
        return Optional.empty();
    }

    /** How many records there are up to the last one that is shipped, of the first {@code count}. */
    private static int lastShipped(Batch batch, int count) {
        int upTo = count;
        while (upTo > 0 && isLeftOut(batch.records().get(upTo - 1).entry())) {
            upTo--;
        }
        return upTo;
    }

    private boolean keeps(Entry entry) {
        return switch (entry) {
            case Entry.Data data -> !isLeftOut(data) && keepsChange(data);
            case Entry.Flush flush -> keepsPoint(!cut && ended.add(flush.stream()));
            case Entry.Cut first
            when !cut -> {
                cut = true;
                yield keepsPoint(true);
            }
            case Entry.Cut earlier -> false;
            case Entry.Control control -> keepsPoint(true);
        };
    }

    private boolean keepsChange(Entry.Data data) {
        Covered later = covered.computeIfAbsent(data.stream(), stream -> new Covered());
        if (later.holds(data.extent())) {
            return false;
        }
        later.add(data.extent());
        return true;
    }

    /** What comes before it has to be whole without what comes behind it. */
    private boolean keepsPoint(boolean keeps) {
        if (keeps) {
            covered.clear();
        }
        return keeps;
    }

    private boolean isWorthIt() {
        long all = images.stream().mapToLong(ByteBuffer::remaining).sum();
        return (all - bytes) * WORTH >= all;
    }

    private Batch batch(Batch whole) {
        List<JournalRecord> left = new ArrayList<>();
        List<ByteBuffer> bodies = new ArrayList<>();
        kept.stream().forEach(i -> {
            left.add(records.get(i));
            bodies.add(images.get(i));
        });
        return new Batch(left, bodies, bytes, whole.lease());
    }

    private static boolean isLeftOut(Entry entry) {
        return entry instanceof Entry.Data data && data.shipping() == Shipping.LEFT_OUT;
    }
}
