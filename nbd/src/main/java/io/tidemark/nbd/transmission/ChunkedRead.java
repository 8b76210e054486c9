package io.tidemark.nbd.transmission;

import io.tidemark.nbd.Length;
import io.tidemark.nbd.NbdError;
import io.tidemark.nbd.Offset;
import io.tidemark.nbd.Outcome;
import io.tidemark.nbd.memory.Lane;
import io.tidemark.nbd.memory.Lease;
import io.tidemark.nbd.protocol.Reply;
import java.util.Optional;

/**
 * A read whose reply may be several chunks: its pieces are fetched at once as far as there is memory, and sent as they
 * come (proto.md, "NBD_CMD_READ", structured replies).
 *
 * <p>After an error no further piece is fetched; the error follows the pieces that are under way.
 */
final class ChunkedRead implements Phase {
    private final Transmission transmission;
    private final Command.Read command;

    private Offset next;
    private int bytesLeft;
    private int piecesInFlight;
    private Optional<Reply> failure = Optional.empty();

    ChunkedRead(Transmission transmission, Command.Read command) {
        this.transmission = transmission;
        this.command = command;
        this.next = command.extent().start();
        this.bytesLeft = Math.toIntExact(command.extent().length().bytes());
    }

    @Override
    public Progress advance() {
        if (bytesLeft == 0) {
            transmission.becomeRequests();
            return Progress.WENT_ON;
        }
        if (!transmission.replies().writable()) {
            return Progress.WAITS;
        }
        Lane lane = transmission.share().sending();
        int wanted = Math.min(bytesLeft, transmission.limits().pieceBytesMax());
        Optional<Lease> lease = lane.lease(wanted);
        if (lease.isEmpty()) {
            lane.awaitLease(wanted);
            return Progress.WAITS;
        }
        fetchTaking(lease.get());
        return Progress.WENT_ON;
    }

    @Override
    public void abandon() {}

    private void fetchTaking(Lease piece) {
        Offset offset = next;
        int bytes = piece.buffer().capacity();
        next = next.plus(new Length(bytes));
        bytesLeft -= bytes;
        piecesInFlight++;
        transmission.calls().read(offset, piece, outcome -> onPiece(offset, piece, outcome));
    }

    private void onPiece(Offset offset, Lease piece, Outcome outcome) {
        piecesInFlight--;
        switch (outcome) {
            case Outcome.Done done -> sendTaking(offset, piece);
            case Outcome.Failed failed -> {
                piece.release();
                onFailure(offset, failed.error());
            }
        }
        if (piecesInFlight == 0 && bytesLeft == 0) {
            failure.ifPresentOrElse(reply -> transmission.answer(command.request(), reply), transmission::answered);
        }
    }

    private void sendTaking(Offset offset, Lease piece) {
        boolean last = piecesInFlight == 0 && bytesLeft == 0 && failure.isEmpty();
        Length length = new Length(piece.buffer().capacity());
        transmission.replies().sendTaking(command.request(), new Reply.Data(offset, length, last), piece);
    }

    private void onFailure(Offset offset, NbdError error) {
        bytesLeft = 0;
        if (failure.isEmpty()) {
            failure = Optional.of(new Reply.FailureAt(error, offset));
        }
    }
}
