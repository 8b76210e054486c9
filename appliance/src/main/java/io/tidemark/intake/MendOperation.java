package io.tidemark.intake;

import io.tidemark.intake.Mend.Outcome;
import io.tidemark.journal.AppendOutcome;
import io.tidemark.journal.Entry;
import io.tidemark.journal.Extent;
import io.tidemark.journal.Journal;
import io.tidemark.journal.Shipping;
import io.tidemark.nbd.NbdError;
import java.nio.ByteBuffer;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;
import java.util.function.Supplier;

/** Bytes of a source's disk on their way into the journal, as far as the source has not changed them since. The owner's. */
final class MendOperation implements Operation {

    /** Where they go. */
    record Path(Journal journal, ReplicaCopies copies) {}

    private final Path path;
    private final Stream stream;
    private final Touched touched;
    private final Extent extent;
    private final ByteBuffer bytes;
    private final Supplier<Optional<String>> ended;
    private final Runnable tryLater;
    private final CompletableFuture<Outcome> outcome;
    private long next;
    private long laid;

    /**
     * @param ended why nothing may be laid over the disk any more, if that is so
     * @param tryLater submits this again after a while: the journal is full, and no client should wait behind this
     */
    MendOperation(
            Path path,
            Stream stream,
            Touched touched,
            Extent extent,
            ByteBuffer bytes,
            Supplier<Optional<String>> ended,
            Runnable tryLater,
            CompletableFuture<Outcome> outcome) {
        this.path = path;
        this.stream = stream;
        this.touched = touched;
        this.extent = extent;
        this.bytes = bytes;
        this.ended = ended;
        this.tryLater = tryLater;
        this.outcome = outcome;
        this.next = extent.offset();
    }

    @Override
    public boolean attempt() {
        Optional<String> why = ended.get();
        if (why.isPresent()) {
            outcome.complete(new Outcome.Ended(why.get()));
            return true;
        }
        List<Extent> rest = next == extent.end() ? List.of() : touched.untouchedIn(Extent.between(next, extent.end()));
        for (Extent part : rest) {
            Entry.Data entry = entry(part);
            switch (path.journal().append(entry)) {
                case AppendOutcome.Appended appended -> {
                    path.copies().changed(entry);
                    stream.mended();
                    laid += part.length();
                    next = part.end();
                }
                case AppendOutcome.NotReady notReady -> {
                    return false;
                }
                case AppendOutcome.Full full -> {
                    tryLater.run();
                    return true;
                }
            }
        }
        outcome.complete(new Outcome.Laid(laid));
        return true;
    }

    @Override
    public void fail(NbdError error) {
        outcome.complete(new Outcome.Ended("the journal takes no records: " + error.text()));
    }

    private Entry.Data entry(Extent part) {
        ByteBuffer payload = bytes.slice((int) (part.offset() - extent.offset()), (int) part.length());
        Shipping shipping = path.copies().shippingOf(stream.id(), part);
        return isZero(payload)
                ? new Entry.Zero(stream.id(), stream.epoch(), part, false, shipping)
                : new Entry.Write(stream.id(), stream.epoch(), part.offset(), payload, shipping);
    }

    private static boolean isZero(ByteBuffer bytes) {
        ByteBuffer rest = bytes.slice();
        return rest.get(0) == 0 && rest.slice(1, rest.limit() - 1).mismatch(rest.slice(0, rest.limit() - 1)) < 0;
    }
}
