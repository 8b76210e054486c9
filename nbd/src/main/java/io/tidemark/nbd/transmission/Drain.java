package io.tidemark.nbd.transmission;

import io.netty.buffer.ByteBuf;
import io.tidemark.nbd.protocol.Reply;

/**
 * Reads and drops the payload of a refused request, then answers: the connection stays usable. If it would have changed the
 * export, the session hears of it before the client.
 */
final class Drain implements Phase {
    private final Transmission transmission;
    private final Command.Refused refused;
    private long bytesLeft;

    Drain(Transmission transmission, Command.Refused refused) {
        this.transmission = transmission;
        this.refused = refused;
        this.bytesLeft = refused.request().payloadBytes();
    }

    @Override
    public Progress advance() {
        ByteBuf in = transmission.receiver().bytes();
        int bytes = (int) Math.min(bytesLeft, in.readableBytes());
        in.skipBytes(bytes);
        bytesLeft -= bytes;
        if (bytesLeft > 0) {
            return transmission.receiver().room(1) ? Progress.NEEDS_BYTES : Progress.WAITS;
        }
        transmission.becomeRequests();
        if (RequestRules.changes(refused.request().type())) {
            transmission.calls().call((session, told) -> session.refused(refused.error(), told), told -> answer());
        } else {
            answer();
        }
        return Progress.WENT_ON;
    }

    private void answer() {
        transmission.answer(refused.request(), new Reply.Failure(refused.error()));
    }

    @Override
    public void abandon() {}
}
