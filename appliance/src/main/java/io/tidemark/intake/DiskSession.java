package io.tidemark.intake;

import io.tidemark.journal.Entry;
import io.tidemark.journal.Owner;
import io.tidemark.nbd.Completion;
import io.tidemark.nbd.Durability;
import io.tidemark.nbd.Ending;
import io.tidemark.nbd.Extent;
import io.tidemark.nbd.NbdError;
import io.tidemark.nbd.Offset;
import io.tidemark.nbd.Outcome;
import io.tidemark.nbd.Payload;
import io.tidemark.nbd.Session;
import io.tidemark.nbd.StatusCompletion;
import io.tidemark.nbd.WritePiece;
import io.tidemark.nbd.Zeroing;
import java.nio.ByteBuffer;
import java.util.function.LongSupplier;

/** One connection's use of a disk. On the owner's loop requests run inline; from any other they are handed over in order. */
final class DiskSession implements Session {

    /** What all sessions of a journal share. */
    record Service(
            Owner owner,
            Handover handover,
            Gate gate,
            ChangeOperation.Path path,
            Epochs epochs,
            DiskReads reads,
            Attachments attachments,
            IntakeMeter meter,
            LongSupplier nanoTime) {}

    private final Service service;
    private final Stream stream;
    private final Attachment attachment = new Attachment();

    DiskSession(Service service, Stream stream) {
        this.service = service;
        this.stream = stream;
        inOrder(() -> service.attachments().attached(stream, attachment));
    }

    @Override
    public void read(Offset offset, ByteBuffer into, Completion completion) {
        Completion metered = meteredRead(into.remaining(), completion);
        if (service.owner().isCurrent()) {
            service.reads().read(stream, offset.bytes(), into, metered);
        } else if (!service.handover().offer(() -> service.reads().read(stream, offset.bytes(), into, metered))) {
            refuse(completion);
        }
    }

    @Override
    public void takeWrite(WritePiece piece, Payload payload, Completion completion) {
        ByteBuffer bytes = payload.bytes();
        long offset = piece.offset().bytes();
        change(
                new io.tidemark.journal.Extent(offset, bytes.remaining()),
                (epoch, shipping) -> new Entry.Write(stream.id(), epoch, offset, bytes, shipping),
                piece.durability(),
                bytes.remaining(),
                payload::release,
                completion);
    }

    @Override
    public void writeZeroes(Zeroing zeroing, Completion completion) {
        boolean keep = zeroing.space() == Zeroing.Space.STAYS_ALLOCATED;
        io.tidemark.journal.Extent extent = journalExtent(zeroing.extent());
        change(
                extent,
                (epoch, shipping) -> new Entry.Zero(stream.id(), epoch, extent, keep, shipping),
                zeroing.durability(),
                0,
                () -> {},
                completion);
    }

    @Override
    public void trim(Extent extent, Durability durability, Completion completion) {
        io.tidemark.journal.Extent trimmed = journalExtent(extent);
        change(
                trimmed,
                (epoch, shipping) -> new Entry.Trim(stream.id(), epoch, trimmed, shipping),
                durability,
                0,
                () -> {},
                completion);
    }

    @Override
    public void flush(Completion completion) {
        submit(new FlushOperation(service.path(), service.epochs(), stream, meteredFlush(0, completion)));
    }

    @Override
    public void cache(Extent extent, Completion completion) {
        completion.complete(Outcome.DONE);
    }

    @Override
    public void blockStatus(Extent extent, int runsMax, StatusCompletion completion) {
        Runnable request = () -> service.reads().blockStatus(stream, journalExtent(extent), runsMax, completion);
        if (service.owner().isCurrent()) {
            request.run();
        } else if (!service.handover().offer(request)) {
            completion.complete(new StatusCompletion.Failed(NbdError.IO));
        }
    }

    @Override
    public void refused(NbdError error, Completion told) {
        submitRefusal("a request was refused: " + error.text(), () -> told.complete(Outcome.DONE));
    }

    @Override
    public void close(Ending ending) {
        inOrder(() -> service.attachments().detached(stream, attachment, ending));
    }

    private void change(
            io.tidemark.journal.Extent extent,
            ChangeOperation.Change change,
            Durability durability,
            int bytes,
            Runnable release,
            Completion completion) {
        boolean durable = durability == Durability.DURABLE;
        Completion metered = durable ? meteredFlush(bytes, completion) : meteredWrite(bytes, completion);
        submit(new ChangeOperation(service.path(), stream, extent, change, durability, release, metered));
    }

    private void submit(Operation operation) {
        if (service.owner().isCurrent()) {
            enter(operation);
        } else if (!service.handover().offer(() -> enter(operation))) {
            submitRefusal("too many requests wait", () -> operation.fail(NbdError.IO));
        }
    }

    private void submitRefusal(String reason, Runnable tell) {
        inOrder(() -> enter(new RefusalOperation(service.path(), stream, reason, tell)));
    }

    private void enter(Operation operation) {
        service.attachments().changes(stream, attachment);
        service.gate().submit(operation);
    }

    /** For what must not be lost: waits in the owner's own queue when the handover is full. */
    private void inOrder(Runnable request) {
        if (service.owner().isCurrent()) {
            request.run();
        } else if (!service.handover().offer(request)) {
            service.owner().execute(request);
        }
    }

    private void refuse(Completion completion) {
        service.meter().refused(stream.id());
        completion.complete(new Outcome.Failed(NbdError.IO));
    }

    private Completion meteredRead(int bytes, Completion completion) {
        long since = service.nanoTime().getAsLong();
        return metered(completion, () -> service.meter().read(stream.id(), bytes, elapsed(since)));
    }

    private Completion meteredWrite(int bytes, Completion completion) {
        long since = service.nanoTime().getAsLong();
        return metered(completion, () -> service.meter().written(stream.id(), bytes, elapsed(since)));
    }

    private Completion meteredFlush(int bytes, Completion completion) {
        long since = service.nanoTime().getAsLong();
        return metered(completion, () -> service.meter().flushed(stream.id(), bytes, elapsed(since)));
    }

    private Completion metered(Completion completion, Runnable whenDone) {
        return outcome -> {
            switch (outcome) {
                case Outcome.Done done -> whenDone.run();
                case Outcome.Failed failed -> service.meter().refused(stream.id());
            }
            completion.complete(outcome);
        };
    }

    private long elapsed(long since) {
        return service.nanoTime().getAsLong() - since;
    }

    private static io.tidemark.journal.Extent journalExtent(Extent extent) {
        return new io.tidemark.journal.Extent(
                extent.start().bytes(), extent.length().bytes());
    }
}
