package io.tidemark.nbd;

import io.netty.channel.EventLoop;
import java.util.Optional;

/**
 * A block device that clients can use.
 *
 * <p>All sessions of one export are one stream: a flush or a FUA write on any of them covers what was answered on
 * every other. Whether clients are told so is said by {@link ExportInfo.Sharing}.
 */
public interface Export {
    /** What clients are told about it. Called on any thread. */
    ExportInfo info();

    /**
     * The thread on which this export wants its requests.
     *
     * <p>A plaintext connection moves to this loop before {@link #open}, so that all its sessions' methods run there,
     * in the order in which the loop received the requests. A TLS connection stays where it is: a session opened from
     * another thread has to hand its calls over itself, in order. Must be a loop of the server's own transport. Empty
     * if any thread is as good as another. Called on any thread.
     */
    default Optional<EventLoop> home() {
        return Optional.empty();
    }

    /** Begins a session for one connection, on the thread that will use it; never blocks. */
    Opening open(Client client);

    /** What became of an attempt to begin a session. */
    sealed interface Opening permits Opened, Refused {}

    /** The session is the caller's until it calls {@link Session#close}. */
    record Opened(Session session) implements Opening {}

    /** No session: the client is told why and may ask for another export. */
    record Refused(Refusal refusal) implements Opening {}
}
