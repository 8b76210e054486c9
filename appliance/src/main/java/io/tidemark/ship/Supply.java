package io.tidemark.ship;

import io.tidemark.journal.Batch;
import io.tidemark.journal.Cursor;
import io.tidemark.journal.Journal;
import io.tidemark.journal.Sequence;
import java.util.Optional;
import java.util.function.LongSupplier;

/** What the next ranges of a session are made of: the journal, less what need not be shipped. The shipper's thread. */
final class Supply implements AutoCloseable {

    /** Tells what was merged. */
    @FunctionalInterface
    interface Savings {
        void merged(long bytesLeftOut);
    }

    private final Journal journal;
    private final ShipSettings settings;
    private final Lag lag;
    private final LongSupplier nanoTime;
    private final Savings savings;
    private Cursor cursor;
    private int windowBytes; // not much more than fitted into the last range: what is left over is read again
    private Sequence notWorthIt = Sequence.NONE; // up to here a merge was tried, and saves too little

    /** @param after the record before the first one */
    Supply(Journal journal, Sequence after, ShipSettings settings, Lag lag, LongSupplier nanoTime, Savings savings) {
        this.journal = journal;
        this.settings = settings;
        this.lag = lag;
        this.nanoTime = nanoTime;
        this.savings = savings;
        this.cursor = journal.cursor(after);
        this.windowBytes = settings.merging().windowBytes();
    }

    /** The last record that was read, shipped or not. */
    Sequence position() {
        return cursor.position();
    }

    /** What the next range holds, with its lease; empty when nothing more is durable. */
    Optional<Batch> next() {
        Optional<Batch> merged =
                lag.isTooMuch(nanoTime.getAsLong()) && !position().isBefore(notWorthIt) ? merge() : Optional.empty();
        return merged.isPresent() ? merged : read();
    }

    @Override
    public void close() {
        cursor.close();
    }

    /** What is left out belongs to the range of what comes behind it. */
    private Optional<Batch> read() {
        Optional<Batch> shipped = Optional.empty();
        Optional<Batch> read = cursor.next(settings.rangeBytes());
        while (read.isPresent() && shipped.isEmpty()) {
            shipped = LeftOut.takeFrom(read.get());
            read = shipped.isPresent() ? read : cursor.next(settings.rangeBytes());
        }
        if (read.isEmpty()) {
            lag.caughtUp();
        } else {
            lag.isBehind(nanoTime.getAsLong());
        }
        return shipped;
    }

    private Optional<Batch> merge() {
        Sequence before = position();
        Optional<Batch> window = cursor.next(windowBytes);
        if (window.isEmpty()) {
            return Optional.empty();
        }
        Optional<Batch> merged = Merge.of(window.get(), settings.merging().rangeBytesMax());
        if (merged.isEmpty()) {
            notWorthIt = window.get().last();
            window.get().lease().close();
            moveTo(before);
            return Optional.empty();
        }
        Sequence last = merged.get().last();
        long fitted = bytesUpTo(window.get(), last);
        savings.merged(fitted - merged.get().bytes());
        windowBytes = Math.clamp(
                2 * fitted,
                settings.merging().rangeBytesMax(),
                settings.merging().windowBytes());
        if (last.isBefore(window.get().last())) {
            moveTo(last);
        }
        return merged;
    }

    private void moveTo(Sequence position) {
        cursor.close();
        cursor = journal.cursor(position);
    }

    private static long bytesUpTo(Batch batch, Sequence last) {
        long bytes = 0;
        for (int i = 0;
                i < batch.records().size() && !batch.records().get(i).sequence().isAfter(last);
                i++) {
            bytes += batch.images().get(i).remaining();
        }
        return bytes;
    }
}
