package io.tidemark.nbd.transmission;

import io.netty.buffer.ByteBuf;
import io.tidemark.nbd.Durability;
import io.tidemark.nbd.Length;
import io.tidemark.nbd.Offset;
import io.tidemark.nbd.Outcome;
import io.tidemark.nbd.WritePiece;
import io.tidemark.nbd.memory.Lane;
import io.tidemark.nbd.memory.Lease;
import io.tidemark.nbd.memory.LeasedPayload;
import java.util.Optional;

/**
 * A write: its payload is handed to the session as it arrives, and it is answered when all pieces are complete.
 *
 * <p>A payload that is in the batch as a whole is handed over as a slice of it. Else it is gathered in pieces of
 * their own, into which the socket is read directly. If there is no memory for a piece, what has arrived is handed over
 * where it is, so that a write always gets on. After an error the rest is received as before, but dropped.
 */
final class WriteTransfer implements Phase {
    private final Transmission transmission;
    private final Command.Write command;
    private final int pieceBytesMax;

    private Offset next;
    private int bytesLeft;
    private Lease piece = Lease.NONE;
    private int piecesInFlight;
    private Outcome outcome = Outcome.DONE;

    WriteTransfer(Transmission transmission, Command.Write command) {
        this.transmission = transmission;
        this.command = command;
        this.pieceBytesMax = transmission.limits().pieceBytesMax();
        this.next = command.extent().start();
        this.bytesLeft = Math.toIntExact(command.extent().length().bytes());
    }

    @Override
    public Progress advance() {
        if (piece != Lease.NONE) {
            return handPiece();
        }
        Receiver receiver = transmission.receiver();
        int wanted = Math.min(bytesLeft, pieceBytesMax);
        if (receiver.bytes().readableBytes() >= wanted) {
            handSlice(wanted);
            return Progress.WENT_ON;
        }
        receiver.dropBatch();
        Lane lane = transmission.share().receiving();
        Optional<Lease> lease = lane.lease(wanted);
        if (lease.isPresent()) {
            begin(lease.get());
            return Progress.WENT_ON;
        }
        if (receiver.bytes().isReadable()) {
            handSlice(receiver.bytes().readableBytes());
            return Progress.WENT_ON;
        }
        lane.awaitLease(wanted);
        return Progress.WAITS;
    }

    @Override
    public void abandon() {
        transmission.receiver().landInBatch();
        piece.release();
        piece = Lease.NONE;
    }

    /** Moves what has arrived of the next piece to a buffer of its own, where the rest will land. */
    private void begin(Lease lease) {
        piece = lease;
        ByteBuf in = transmission.receiver().bytes();
        piece.buffer()
                .writeBytes(in, Math.min(in.readableBytes(), piece.buffer().capacity()));
        if (!in.isReadable()) {
            transmission.receiver().landIn(piece);
        }
    }

    private Progress handPiece() {
        if (piece.buffer().isWritable()) {
            return Progress.NEEDS_BYTES;
        }
        Lease full = piece;
        piece = Lease.NONE;
        transmission.receiver().landInBatch();
        hand(full.payload(0, full.buffer().capacity()), full.buffer().capacity());
        full.release();
        return Progress.WENT_ON;
    }

    /** Hands over so many bytes of the batch where they are. */
    private void handSlice(int bytes) {
        Receiver receiver = transmission.receiver();
        LeasedPayload payload = receiver.batch().payload(receiver.bytes().readerIndex(), bytes);
        receiver.bytes().skipBytes(bytes);
        hand(payload, bytes);
    }

    private void hand(LeasedPayload payload, int bytes) {
        bytesLeft -= bytes;
        boolean last = bytesLeft == 0;
        Offset offset = next;
        next = next.plus(new Length(bytes));
        piecesInFlight++;
        if (last) {
            transmission.becomeRequests();
        }
        if (outcome instanceof Outcome.Failed) {
            payload.release();
            onPiece(outcome);
        } else {
            WritePiece where = new WritePiece(offset, last, last ? command.durability() : Durability.ORDERED);
            transmission.calls().takeWrite(where, payload, this::onPiece);
        }
    }

    private void onPiece(Outcome ofPiece) {
        piecesInFlight--;
        if (outcome instanceof Outcome.Done) {
            outcome = ofPiece;
        }
        if (piecesInFlight == 0 && bytesLeft == 0) {
            transmission.answer(command.request(), Requests.reply(outcome));
        }
    }
}
