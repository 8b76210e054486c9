package io.tidemark.link.receiver;

import io.tidemark.link.Ending;
import io.tidemark.link.protocol.Message;
import io.tidemark.link.transport.Connection;

/** One connection as the registry and its session see it. Any thread. */
record Lane(LaneReception reception, Connection connection) {

    void welcome(DownlinkSession session, Message.Welcome welcome) {
        connection.loop().execute(() -> reception.welcome(session, welcome));
    }

    void end(Ending ending) {
        connection.end(ending);
    }
}
