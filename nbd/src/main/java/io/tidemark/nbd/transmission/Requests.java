package io.tidemark.nbd.transmission;

import io.netty.buffer.ByteBuf;
import io.tidemark.nbd.Completion;
import io.tidemark.nbd.Outcome;
import io.tidemark.nbd.Session;
import io.tidemark.nbd.StatusCompletion;
import io.tidemark.nbd.protocol.Reply;
import io.tidemark.nbd.protocol.Request;
import io.tidemark.nbd.protocol.RequestDecoder;
import java.util.Optional;
import java.util.function.BiConsumer;

/** Decodes one request after the other, and begins what it asks for. */
final class Requests implements Phase {
    private final Transmission transmission;
    private final Agreement agreement;
    private final RequestDecoder decoder;
    private final RequestRules rules;
    private final StatusRules statusRules;

    Requests(Transmission transmission, Agreement agreement) {
        this.transmission = transmission;
        this.agreement = agreement;
        this.decoder = new RequestDecoder(agreement.style());
        this.rules = new RequestRules(agreement, transmission.limits().drainBytesMax());
        this.statusRules = new StatusRules(agreement, transmission.limits().statusRunsMax());
    }

    @Override
    public Progress advance() {
        if (!transmission.mayBegin()) {
            return Progress.WAITS;
        }
        Receiver receiver = transmission.receiver();
        ByteBuf in = receiver.bytes();
        int start = in.readerIndex();
        Optional<Request> header = decoder.decode(in);
        if (header.isEmpty()) {
            return receiver.room(decoder.headerBytes()) ? Progress.NEEDS_BYTES : Progress.WAITS;
        }
        Request request = header.get();
        if (Long.compareUnsigned(request.payloadBytes(), in.readableBytes()) > 0 && fitsInBatch(request)) {
            in.readerIndex(start);
            int bytes = decoder.headerBytes() + (int) request.payloadBytes();
            return receiver.room(bytes) ? Progress.NEEDS_BYTES : Progress.WAITS;
        }
        begin(rules.judge(request, transmission.stopping()));
        return Progress.WENT_ON;
    }

    @Override
    public void abandon() {}

    /** Whether it is better to wait for the whole payload where it is than to move to a buffer of its own. */
    private boolean fitsInBatch(Request request) {
        int bytesMax = transmission.receiver().wholeRequestBytesMax() - decoder.headerBytes();
        return Long.compareUnsigned(request.payloadBytes(), bytesMax) <= 0;
    }

    private void begin(Command command) {
        Request request = command.request();
        if (!(command instanceof Command.Disconnect)) {
            transmission.begun();
        }
        switch (command) {
            case Command.Disconnect disconnect -> transmission.disconnect();
            case Command.Refused refused -> transmission.become(new Drain(transmission, refused));
            case Command.Read read -> transmission.become(transfer(read));
            case Command.Write write -> transmission.become(new WriteTransfer(transmission, write));
            case Command.Flush flush -> call(request, Session::flush);
            case Command.Cache cache -> call(request, (session, done) -> session.cache(cache.extent(), done));
            case Command.Trim trim ->
                call(request, (session, done) -> session.trim(trim.extent(), trim.durability(), done));
            case Command.WriteZeroes zeroes ->
                call(request, (session, done) -> session.writeZeroes(zeroes.zeroing(), done));
            case Command.BlockStatus status -> ask(status);
        }
    }

    private Phase transfer(Command.Read read) {
        return agreement.style().chunked() && !read.whole()
                ? new ChunkedRead(transmission, read)
                : new StreamedRead(transmission, read, agreement.style());
    }

    private void call(Request request, BiConsumer<Session, Completion> method) {
        transmission.calls().call(method, outcome -> transmission.answer(request, reply(outcome)));
    }

    private void ask(Command.BlockStatus status) {
        transmission.calls().blockStatus(status.extent(), statusRules.runsMax(status), outcome -> {
            Reply reply =
                    switch (outcome) {
                        case StatusCompletion.Described described ->
                            new Reply.Status(statusRules.fit(status, described.runs()));
                        case StatusCompletion.Failed failed -> new Reply.Failure(failed.error());
                    };
            transmission.answer(status.request(), reply);
        });
    }

    /** The reply to a request that has no data. */
    static Reply reply(Outcome outcome) {
        return switch (outcome) {
            case Outcome.Done done -> new Reply.Success();
            case Outcome.Failed failed -> new Reply.Failure(failed.error());
        };
    }
}
