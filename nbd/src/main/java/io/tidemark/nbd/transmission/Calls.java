package io.tidemark.nbd.transmission;

import io.netty.channel.EventLoop;
import io.tidemark.nbd.Completion;
import io.tidemark.nbd.ExportName;
import io.tidemark.nbd.Extent;
import io.tidemark.nbd.NbdError;
import io.tidemark.nbd.Offset;
import io.tidemark.nbd.Outcome;
import io.tidemark.nbd.Session;
import io.tidemark.nbd.StatusCompletion;
import io.tidemark.nbd.StatusCompletion.StatusOutcome;
import io.tidemark.nbd.WritePiece;
import io.tidemark.nbd.memory.Lease;
import io.tidemark.nbd.memory.LeasedPayload;
import java.nio.ByteBuffer;
import java.util.function.BiConsumer;
import java.util.function.Consumer;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * The calls on a session. What the session's code throws means nothing here, but its client must not wait for ever: the
 * call has failed with an I/O error, and the log says so loudly.
 */
final class Calls {
    private static final Logger LOG = LoggerFactory.getLogger(Calls.class);

    private final Session session;
    private final ExportName name;
    private final EventLoop loop;
    private final Consumer<Throwable> onFault;

    Calls(Session session, ExportName name, EventLoop loop, Consumer<Throwable> onFault) {
        this.session = session;
        this.name = name;
        this.loop = loop;
        this.onFault = onFault;
    }

    /** Fills the memory, which stays the caller's. */
    void read(Offset offset, Lease lease, Consumer<Outcome> then) {
        ByteBuffer into = lease.writable();
        call((session, completion) -> session.read(offset, into, completion), outcome -> {
            if (outcome instanceof Outcome.Done && into.hasRemaining()) {
                // What the buffer held before may be another client's.
                LOG.error("export {}: a read at {} was done with {} bytes missing", name, offset, into.remaining());
                then.accept(new Outcome.Failed(NbdError.IO));
            } else {
                then.accept(outcome);
            }
        });
    }

    /** Hands over a piece. */
    void takeWrite(WritePiece piece, LeasedPayload payload, Consumer<Outcome> then) {
        call(
                (session, completion) -> {
                    try {
                        session.takeWrite(piece, payload, completion);
                    } catch (RuntimeException fault) {
                        payload.releaseIfHeld();
                        throw fault;
                    }
                },
                then);
    }

    /** Makes any call that has no more to tell than whether it is done. */
    void call(BiConsumer<Session, Completion> method, Consumer<Outcome> then) {
        Call<Outcome> call = new Call<>(loop, then, onFault);
        try {
            method.accept(session, call::complete);
        } catch (RuntimeException fault) {
            log(fault);
            call.completeIfOpen(new Outcome.Failed(NbdError.IO));
        }
    }

    /** Asks for block status. */
    void blockStatus(Extent extent, int runsMax, Consumer<StatusOutcome> then) {
        Call<StatusOutcome> call = new Call<>(loop, then, onFault);
        try {
            session.blockStatus(extent, runsMax, call::complete);
        } catch (RuntimeException fault) {
            log(fault);
            call.completeIfOpen(new StatusCompletion.Failed(NbdError.IO));
        }
    }

    private void log(RuntimeException fault) {
        LOG.error("export {}: a request has failed with a fault", name, fault);
    }
}
