package io.tidemark.link.receiver;

import io.tidemark.link.Ack;
import io.tidemark.link.protocol.Message;
import io.tidemark.link.transport.Connection;
import java.util.Optional;
import java.util.concurrent.atomic.AtomicReference;

/**
 * The acknowledgement that waits to be sent: a newer one takes the place of an older one.
 *
 * <p>Crosses threads: the receiver offers from any thread, the first connection's loop sends.
 */
final class NewestAck {

    private final Connection connection;
    private final AtomicReference<Optional<Ack>> waiting = new AtomicReference<>(Optional.empty());

    NewestAck(Connection connection) {
        this.connection = connection;
    }

    void offer(Ack ack) {
        if (waiting.getAndSet(Optional.of(ack)).isEmpty()) {
            connection.loop().execute(this::send);
        }
    }

    /** Sends what waits, if the connection takes it; else this is called again when it does. On the loop. */
    void send() {
        if (connection.isWritable()) {
            waiting.getAndSet(Optional.empty()).map(Message.Acknowledge::new).ifPresent(connection::send);
        }
    }
}
