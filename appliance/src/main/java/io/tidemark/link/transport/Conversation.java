package io.tidemark.link.transport;

import io.netty.buffer.ByteBuf;
import io.tidemark.link.Ending;
import io.tidemark.link.protocol.Message;
import io.tidemark.link.protocol.RangeHeader;
import java.util.Optional;

/**
 * What one side has to say on one connection. Always on the connection's event loop.
 *
 * <p>{@link #onSecured} comes first, {@link #onEnded} last and exactly once; without the first, the last may come alone.
 * Whatever is thrown ends the connection; a {@link io.tidemark.link.protocol.ProtocolViolation} tells the peer so.
 */
public interface Conversation {

    /** The connection is there and, if it must be, encrypted; its peer has proven these names. */
    void onSecured(Connection connection, PeerNames names);

    void onMessage(Message.Subject message);

    /** Room for exactly the records of a range, or empty to drop them. */
    Optional<ByteBuf> place(RangeHeader range);

    /** The room that was given, filled. */
    void takeRange(RangeHeader range, ByteBuf records);

    /** The connection takes more again. */
    void onWritable();

    void onRoundTrip(long nanos);

    void onEnded(Ending ending);
}
