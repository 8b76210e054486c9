package io.tidemark.nbd.transmission;

import io.tidemark.nbd.Ending;
import io.tidemark.nbd.Length;
import io.tidemark.nbd.NbdError;
import io.tidemark.nbd.Offset;
import io.tidemark.nbd.Outcome;
import io.tidemark.nbd.memory.Lane;
import io.tidemark.nbd.memory.Lease;
import io.tidemark.nbd.protocol.HeaderStyle;
import io.tidemark.nbd.protocol.Reply;
import java.util.Optional;

/**
 * A read whose reply must be in one: a simple reply, or one chunk (proto.md, "NBD_CMD_READ", {@code NBD_CMD_FLAG_DF}).
 *
 * <p>If its memory can be had at once, this is a read like any other. Else it is fetched piece by piece, and the reply
 * begins with the first: nothing may come in between, so it waits until it is the only request in flight, and no other
 * is begun until it has ended. If a later piece fails, a chunk is filled up with zeroes and followed by the error; a
 * simple reply cannot be mended, so the connection ends.
 */
final class StreamedRead implements Phase {
    private final Transmission transmission;
    private final Command.Read command;
    private final HeaderStyle style;
    private final int bytes;

    private int bytesSent;
    private Lease piece = Lease.NONE;
    private boolean pieceInFlight;

    StreamedRead(Transmission transmission, Command.Read command, HeaderStyle style) {
        this.transmission = transmission;
        this.command = command;
        this.style = style;
        this.bytes = Math.toIntExact(command.extent().length().bytes());
    }

    @Override
    public Progress advance() {
        if (pieceInFlight || !transmission.replies().writable() || !leasePiece()) {
            return Progress.WAITS;
        }
        Lease fetched = piece;
        boolean whole = fetched.buffer().capacity() == bytes;
        if (!whole && !transmission.alone()) {
            return Progress.WAITS;
        }
        piece = Lease.NONE;
        pieceInFlight = true;
        if (whole) {
            transmission.becomeRequests();
        }
        Offset offset = command.extent().start().plus(new Length(bytesSent));
        transmission
                .calls()
                .read(
                        offset,
                        fetched,
                        whole ? outcome -> onWhole(fetched, outcome) : outcome -> onPiece(fetched, outcome));
        return Progress.WENT_ON;
    }

    @Override
    public void abandon() {
        piece.release();
        piece = Lease.NONE;
    }

    private boolean leasePiece() {
        if (piece == Lease.NONE) {
            Lane lane = transmission.share().sending();
            int wanted = Math.min(bytes - bytesSent, transmission.limits().pieceBytesMax());
            Optional<Lease> lease = lane.lease(wanted);
            if (lease.isEmpty()) {
                lane.awaitLease(wanted);
                return false;
            }
            piece = lease.get();
        }
        return true;
    }

    private void onWhole(Lease fetched, Outcome outcome) {
        switch (outcome) {
            case Outcome.Done done -> {
                transmission.replies().sendTaking(command.request(), head(true), fetched);
                transmission.answered();
            }
            case Outcome.Failed failed -> {
                fetched.release();
                transmission.answer(command.request(), failureHere(failed.error()));
            }
        }
    }

    private void onPiece(Lease fetched, Outcome outcome) {
        pieceInFlight = false;
        switch (outcome) {
            case Outcome.Done done -> sendPieceTaking(fetched);
            case Outcome.Failed failed -> {
                fetched.release();
                onPieceFailed(failed.error());
            }
        }
    }

    private void sendPieceTaking(Lease fetched) {
        int fetchedBytes = fetched.buffer().capacity();
        if (bytesSent == 0) {
            transmission.replies().sendTaking(command.request(), head(false), fetched);
        } else {
            transmission.replies().sendMoreTaking(fetched);
        }
        bytesSent += fetchedBytes;
        if (bytesSent < bytes) {
            transmission.resume();
            return;
        }
        transmission.becomeRequests();
        if (style.chunked()) {
            transmission.answer(command.request(), new Reply.Success());
        } else {
            transmission.answered();
        }
    }

    private void onPieceFailed(NbdError error) {
        if (bytesSent > 0 && !style.chunked()) {
            transmission.breakOff(Ending.CLOSED_BY_SERVER);
            return;
        }
        Reply failure = failureHere(error);
        if (bytesSent > 0) {
            transmission.replies().sendZeroes(bytes - bytesSent);
        }
        transmission.becomeRequests();
        transmission.answer(command.request(), failure);
    }

    private Reply.Data head(boolean last) {
        return new Reply.Data(command.extent().start(), command.extent().length(), last);
    }

    private Reply failureHere(NbdError error) {
        return new Reply.FailureAt(error, command.extent().start().plus(new Length(bytesSent)));
    }
}
