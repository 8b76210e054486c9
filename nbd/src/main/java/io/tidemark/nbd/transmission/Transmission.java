package io.tidemark.nbd.transmission;

import io.netty.buffer.ByteBuf;
import io.netty.buffer.Unpooled;
import io.netty.channel.Channel;
import io.netty.channel.ChannelFutureListener;
import io.tidemark.nbd.Ending;
import io.tidemark.nbd.ExportName;
import io.tidemark.nbd.Limits;
import io.tidemark.nbd.Session;
import io.tidemark.nbd.memory.Share;
import io.tidemark.nbd.protocol.ProtocolViolation;
import io.tidemark.nbd.protocol.Reply;
import io.tidemark.nbd.protocol.ReplyEncoder;
import io.tidemark.nbd.protocol.Request;
import java.util.concurrent.TimeUnit;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * The life of one connection in the transmission phase: what is under way, what comes next, and how it ends.
 *
 * <p>Work is done in <em>turns</em>: the present {@link Phase} is advanced until it needs bytes or has to wait. A turn
 * is due when bytes have arrived, a call has been answered, memory has come back, or the client has taken replies.
 * Between turns the socket is read if bytes are needed, and left alone if not: this is all the back-pressure there is.
 */
@SuppressWarnings("FutureReturnValueIgnored") // what fails on a channel closes it, and that is told
final class Transmission {
    /** What Netty may still read after it was told to stop; more comes only from a client that has hung up. */
    private static final int STRAY_BYTES_MAX = 128 << 10;

    private static final Logger LOG = LoggerFactory.getLogger(Transmission.class);

    private final Channel channel;
    private final Session session;
    private final Share share;
    private final Turns.Turn turn;
    private final Complaints complaints;
    private final Limits limits;
    private final ExportName name;
    private final Receiver receiver;
    private final Replies replies;
    private final Calls calls;
    private final Requests requests;

    private Phase phase;
    private Progress progress = Progress.NEEDS_BYTES;
    private Ending ending = Ending.LOST;
    private int requestsInFlight;
    private boolean turning;
    private boolean stopping;
    private Life life = Life.SERVING;

    private enum Life {
        /** Requests come and go. */
        SERVING,
        /** The connection ends as soon as no request is in flight. */
        ENDING,
        /** The channel is being closed; the last replies may still be on their way. */
        CLOSING,
        /** The channel is closed. */
        GONE
    }

    Transmission(Channel channel, Admission admission, Limits limits) {
        this.channel = channel;
        this.session = admission.session();
        this.share = admission.share();
        this.turn = admission.turn();
        this.complaints = admission.complaints();
        this.limits = limits;
        this.name = admission.agreement().info().name();
        this.receiver = new Receiver(share.receiving(), limits.receiveBytesMax());
        this.replies =
                new Replies(channel, new ReplyEncoder(admission.agreement().style()));
        this.calls = new Calls(session, name, channel.eventLoop(), this::onFault);
        this.requests = new Requests(this, admission.agreement());
        this.phase = requests;
    }

    Receiver receiver() {
        return receiver;
    }

    Replies replies() {
        return replies;
    }

    Calls calls() {
        return calls;
    }

    Share share() {
        return share;
    }

    Limits limits() {
        return limits;
    }

    /** Whether new requests are to be refused. */
    boolean stopping() {
        return stopping;
    }

    /** Whether the request that was begun last is the only one without an answer. */
    boolean alone() {
        return requestsInFlight == 1;
    }

    /** Whether one more request may be begun. */
    boolean mayBegin() {
        return requestsInFlight < limits.requestsInFlightMax() && replies.writable();
    }

    /** Bytes have arrived. */
    void takeReceived(ByteBuf bytes) {
        if (life.compareTo(Life.CLOSING) >= 0) {
            bytes.release();
            return;
        }
        receiver.takeLanded(bytes);
        turn();
        if (receiver.strayBytes() > STRAY_BYTES_MAX) {
            complain("has hung up with requests waiting");
            breakOff(Ending.LOST);
        }
    }

    /** Does what can be done now. */
    void turn() {
        if (turning || life.compareTo(Life.CLOSING) >= 0) {
            return;
        }
        turning = true;
        share.beginTurn();
        try {
            do {
                progress = phase.advance();
            } while (progress == Progress.WENT_ON || (progress == Progress.NEEDS_BYTES && receiver.pull()));
        } catch (ProtocolViolation violation) {
            complain(String.valueOf(violation.getMessage()));
            breakOff(Ending.VIOLATION);
        } catch (RuntimeException | OutOfMemoryError fault) {
            onFault(fault);
        } finally {
            turning = false;
            share.endTurn();
        }
        channel.config().setAutoRead(progress == Progress.NEEDS_BYTES);
        if (progress == Progress.WAITS) {
            replies.flush();
        }
        closeIfDone();
    }

    /** Something else comes next. */
    void become(Phase next) {
        phase = next;
    }

    /** The next request comes next. */
    void becomeRequests() {
        phase = requests;
    }

    /** Something has come that a phase may have waited for. */
    void resume() {
        if (progress == Progress.WAITS) {
            turn();
        }
    }

    /** A request has been accepted or refused: it will be answered. */
    void begun() {
        requestsInFlight++;
    }

    /** Sends the end of the reply to a request. */
    void answer(Request request, Reply reply) {
        replies.send(request, reply);
        answered();
    }

    /** The end of the reply to a request has been sent. */
    void answered() {
        requestsInFlight--;
        resume();
        closeIfDone();
    }

    /** The client has said goodbye: it gets what it is owed, and nothing more is read. */
    void disconnect() {
        ending = Ending.DISCONNECTED;
        phase = new Silence();
        life = Life.ENDING;
    }

    /** The server stops: what is under way is finished. */
    void stop() {
        stopping = true;
        if (life == Life.SERVING) {
            ending = Ending.CLOSED_BY_SERVER;
            life = Life.ENDING;
            closeIfDone();
        }
    }

    /** Something is wrong on our side: the connection cannot go on. */
    void onFault(Throwable fault) {
        LOG.error("export {}, client {}: closed because of a fault", name, channel.remoteAddress(), fault);
        breakOff(Ending.CLOSED_BY_SERVER);
    }

    /** Ends the connection at once. */
    void breakOff(Ending how) {
        if (life.compareTo(Life.CLOSING) < 0) {
            ending = how;
            fallSilent();
            channel.close();
        }
    }

    /** The connection is gone. */
    void onGone() {
        if (life == Life.GONE) {
            return;
        }
        life = Life.GONE;
        phase.abandon();
        receiver.close();
        replies.close();
        share.close();
        turn.end();
        session.close(ending);
    }

    private void complain(String what) {
        if (complaints.worthALine(channel.eventLoop())) {
            LOG.info("export {}, client {}: {}", name, channel.remoteAddress(), what);
        }
    }

    private void closeIfDone() {
        if (life != Life.ENDING || turning || requestsInFlight > 0) {
            return;
        }
        fallSilent();
        channel.config().setAutoRead(false);
        replies.flush();
        channel.writeAndFlush(Unpooled.EMPTY_BUFFER).addListener(ChannelFutureListener.CLOSE);
        var deadline = channel.eventLoop()
                .schedule(() -> channel.close(), limits.goodbyeDeadline().toMillis(), TimeUnit.MILLISECONDS);
        channel.closeFuture().addListener(closed -> deadline.cancel(false));
    }

    private void fallSilent() {
        life = Life.CLOSING;
        phase.abandon();
        phase = new Silence();
        progress = Progress.WAITS;
    }
}
